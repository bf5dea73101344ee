/** What is run in which version. Held to test/binaries/toolchain/<module>/go.mod, the README and Chart.yaml by tests. */
import versions from '../../versions.json' with { type: 'json' }

const { kubernetes, defaultMinor, ...others } = versions

/**
 * The minors of Kubernetes that we say we support, oldest first: the floor, the first that serves ServiceCIDRs, and
 * those that Kubernetes itself maintains.
 */
export const KUBERNETES: Readonly<typeof kubernetes> = kubernetes

export type Minor = keyof typeof KUBERNETES

export const minors: readonly Minor[] = Object.keys(KUBERNETES).filter(isMinor)

/** The minor of every test that does not choose one. Of the other minors only a control plane is pinned. */
export const DEFAULT_MINOR: Minor = asMinor(defaultMinor, 'versions.json: defaultMinor')

/** Chooses another: `KUBELET_CSR_GATE_KUBERNETES=1.35 npm run demo -- --kubernetes`. */
export const MINOR_VARIABLE = 'KUBELET_CSR_GATE_KUBERNETES'

/** Where programs come from. */
export type Origin = 'kubernetes' | keyof typeof others

export const ORIGINS: readonly Origin[] = [
  'kubernetes',
  'etcd',
  'helm',
  'helm3',
  'cert-manager',
  'kubelet-csr-approver',
]

export type Environment = Readonly<Record<string, string | undefined>>

/** The minor that the environment names; throws when that is not one of ours. */
export function minorOf(environment: Environment): Minor {
  return asMinor(environment[MINOR_VARIABLE] || DEFAULT_MINOR, MINOR_VARIABLE)
}

/** With its `v`. */
export function versionOf(origin: Origin, environment: Environment): string {
  return origin === 'kubernetes' ? KUBERNETES[minorOf(environment)] : others[origin]
}

/** The folder below test/binaries/toolchain that pins it. */
export function moduleOf(origin: Origin, environment: Environment): string {
  const minor = minorOf(environment)
  return origin === 'kubernetes' && minor !== DEFAULT_MINOR ? `kubernetes-${minor}` : origin
}

function asMinor(name: string, variable: string): Minor {
  if (!isMinor(name)) throw new Error(`${variable} is one of ${minors.join(', ')}, not ${name}`)
  return name
}

function isMinor(name: string): name is Minor {
  return Object.hasOwn(KUBERNETES, name)
}
