import { shown } from '../../policies/text.ts'
import type { KubeletsOptions } from '../../server/probe/create-prober.ts'
import type { Context } from '../context.ts'
import { quietProbes } from './quiet.ts'
import { installedPolicy } from './installed.ts'
import { type Policy, kubeletPortIn } from './policy.ts'
import type { Session } from './session.ts'

/** From where kubelets are dialled, and on which port: never one that a Node reports. */
export interface Looking {
  /** The name of this machine. */
  readonly from: string
  readonly port: number
}

/** The kubelets' own default. */
const KUBELET_PORT = 10_250

/** With the port of the policy's file, else of the installed configuration. */
export async function lookingFrom(
  { hostname }: Pick<Context, 'hostname'>,
  session: Session,
  policy?: Policy,
): Promise<Looking> {
  return { from: hostname, port: policy?.kubeletPort ?? (await kubeletPort(session)) }
}

/** `kubelet.port` of the installed configuration. */
export async function kubeletPort(session: Session): Promise<number> {
  const installed = await installedPolicy(session)
  const text = installed.ok && installed.found !== null ? installed.found.text : ''
  return kubeletPortIn(text) ?? KUBELET_PORT
}

/** How the service's own prober dials them from here. */
export function kubeletsFor({ port }: Looking): KubeletsOptions {
  return { port, ca: { path: '', pem: null }, recorder: quietProbes, elsewhere: true }
}

/** From where it was looked, for people. */
export function lookedWords(looking: Looking | null): string {
  return looking === null
    ? 'nowhere: no address was dialled'
    : `from ${shown(looking.from)}, on port ${looking.port} of each address`
}
