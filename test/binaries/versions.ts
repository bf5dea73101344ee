/** What is run in which version. Held to test/binaries/toolchain/<module>/go.mod, the README and Chart.yaml by tests. */

/**
 * The minors of Kubernetes that we say we support, oldest first: the floor, the first that serves ServiceCIDRs, and
 * those that Kubernetes itself maintains.
 */
export const KUBERNETES = {
  '1.30': 'v1.30.14',
  '1.33': 'v1.33.13',
  '1.35': 'v1.35.4',
  '1.36': 'v1.36.3',
  '1.37': 'v1.37.2',
} as const

export type Minor = keyof typeof KUBERNETES

export const minors: readonly Minor[] = Object.keys(KUBERNETES).filter(isMinor)

/** What everything runs on that is not told otherwise. Of the other minors only a control plane is pinned. */
export const DEFAULT_MINOR: Minor = '1.36'

/** Tells otherwise: `KUBELET_CSR_GATE_KUBERNETES=1.35 npm run demo`. */
export const MINOR_VARIABLE = 'KUBELET_CSR_GATE_KUBERNETES'

const OTHERS = { etcd: 'v3.6.8', helm: 'v4.3.1', helm3: 'v3.22.0', 'cert-manager': 'v1.21.2' } as const

/** Where programs come from. */
export type Origin = 'kubernetes' | keyof typeof OTHERS

export const ORIGINS: readonly Origin[] = ['kubernetes', 'etcd', 'helm', 'helm3', 'cert-manager']

export type Environment = Readonly<Record<string, string | undefined>>

/** The minor that the environment names; throws when that is not one of ours. */
export function minorOf(environment: Environment): Minor {
  const named = environment[MINOR_VARIABLE] || DEFAULT_MINOR
  if (!isMinor(named)) throw new Error(`${MINOR_VARIABLE} is one of ${minors.join(', ')}, not ${named}`)
  return named
}

/** With its `v`. */
export function versionOf(origin: Origin, environment: Environment): string {
  return origin === 'kubernetes' ? KUBERNETES[minorOf(environment)] : OTHERS[origin]
}

/** The folder below test/binaries/toolchain that pins it. */
export function moduleOf(origin: Origin, environment: Environment): string {
  const minor = minorOf(environment)
  return origin === 'kubernetes' && minor !== DEFAULT_MINOR ? `kubernetes-${minor}` : origin
}

function isMinor(name: string): name is Minor {
  return Object.hasOwn(KUBERNETES, name)
}
