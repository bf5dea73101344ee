/** Starts approvers that are Go programs built on controller-runtime, as their manifests do. */
import { join } from 'node:path'
import { startChild } from '../../kit/child.ts'
import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { untilReady } from '../../kit/ready.ts'
import type { ServiceAccount } from '../../kit/service/service-account.ts'
import type { Contender, Running } from './contender.ts'
import { findProgram, type Program } from './program.ts'

export interface Manifest {
  readonly program: string
  readonly told: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** What its own manifests grant it. */
  readonly permissions: ServiceAccount
  readonly healthUrl: string
}

const READY_MS = 30_000

/** @param given default one of the reader's own, if there is one */
export async function goContender(manifest: Manifest, given?: Program): Promise<Contender> {
  const { program: name, told } = manifest
  const program = given ?? (await findProgram(name))
  return {
    name,
    told,
    version: program?.version ?? null,
    user: `system:serviceaccount:${manifest.permissions.namespace}:${manifest.permissions.name}`,
    start: async (cluster, launcher = []) => {
      if (program === null) throw new Error(`${name} is not here`)
      return run(cluster, manifest, [...launcher, program.path])
    },
  }
}

async function run(
  cluster: ControlPlane,
  manifest: Manifest,
  [path = '', ...before]: readonly string[],
): Promise<Running> {
  const { program: name, args, environment, permissions, healthUrl } = manifest
  const kubeconfig = await cluster.createServiceAccountKubeconfig(permissions)
  const child = startChild({
    name,
    path,
    args: [...before, ...args],
    environment: { KUBECONFIG: kubeconfig, ...environment },
    logFile: join(cluster.directory, `${name}.log`),
  })
  await untilReady(child, healthUrl, READY_MS)
  return child
}
