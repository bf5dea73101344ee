/** The installations that live a whole day. */
import { freePort } from '../kit/ports.ts'
import type { Manager } from './controller.ts'
import { subjects } from './profiles.ts'

export interface Installation {
  readonly name: string
  readonly manager: Manager
  /** Who keeps the webhook's certificate. */
  readonly certificates: 'pods' | 'cert-manager'
  readonly values: () => Promise<Readonly<Record<string, unknown>>>
}

/** Without proof: the pods here dial no address that a made-up node reports. */
async function subject(name: string): Promise<Readonly<Record<string, unknown>>> {
  const found = (await subjects()).find((each) => each.name === name)
  if (found === undefined) throw new Error(`there is no profile ${name}`)
  return { ...found.values, policy: { proof: 'off' } }
}

/** The API server calls its webhook, so it needs a port that is free here. */
async function bootstrap(): Promise<Readonly<Record<string, unknown>>> {
  const port = await freePort()
  const values = await subject('bootstrap')
  return { ...values, webhook: { port, url: `https://127.0.0.1:${port}/validate` } }
}

export const installations: readonly Installation[] = [
  {
    name: 'defaults-argocd',
    manager: 'argocd-controller',
    certificates: 'pods',
    values: () => subject('defaults'),
  },
  {
    name: 'defaults-kustomize',
    manager: 'kustomize-controller',
    certificates: 'pods',
    values: () => subject('defaults'),
  },
  {
    name: 'defaults-helm',
    manager: 'helm-controller',
    certificates: 'pods',
    values: () => subject('defaults'),
  },
  {
    name: 'cert-manager',
    manager: 'argocd-controller',
    certificates: 'cert-manager',
    values: () => subject('cert-manager'),
  },
  {
    name: 'high-availability',
    manager: 'helm-controller',
    certificates: 'pods',
    values: () => subject('high-availability'),
  },
  { name: 'bootstrap', manager: 'kustomize-controller', certificates: 'pods', values: bootstrap },
  {
    name: 'guards',
    manager: 'argocd-controller',
    certificates: 'pods',
    values: () => subject('every guard'),
  },
  {
    name: 'monitoring',
    manager: 'argocd-controller',
    certificates: 'pods',
    values: () => subject('all monitoring'),
  },
]
