import { familyOf } from './address.ts'
import { nodeName } from './node-name.ts'
import type { Rules } from './rules.ts'
import { listed } from './text.ts'
import type { Address, ClusterStage, Probe, Probes } from './types.ts'

/**
 * What an address shows about the requester: its own certificate, that of another Node, a kubelet that waits for its first
 * certificate, anything else that listens, nothing, or not known.
 */
export type Seen =
  | { readonly kind: 'own' | 'waiting' | 'stranger' | 'silent' | 'notDialled' }
  | { readonly kind: 'another'; readonly node: string }

/** Whether kubelets are dialled. */
export function dials({ settings }: Rules): boolean {
  return settings.proof.addresses !== 'off'
}

/** The results that count: a policy that has nothing dialled looks at none. */
export function probesOf({ cluster }: ClusterStage, rules: Rules): Probes {
  return dials(rules) ? cluster.probes : { kind: 'off' }
}

export function seenAt(address: Address, facts: ClusterStage, rules: Rules): Seen {
  const probe = resultAt(address, facts, rules)
  if (probe === undefined) return { kind: 'notDialled' }
  const { result, ownerGoneMs } = probe
  if (result.kind === 'noCertificate') return { kind: 'waiting' }
  if (result.kind === 'nothing') return { kind: 'silent' }
  const node = ownerOf(probe)
  if (node === null) return { kind: 'stranger' }
  if (node === nodeName(facts.csr.requester.username)) return { kind: 'own' }
  // A renamed machine or a cloned disk still shows it, and waits for its own.
  return ownerGoneMs >= rules.limits.goneAfterMs ? { kind: 'waiting' } : { kind: 'another', node }
}

/** Whether the decision waits for a look at the address, which nobody has had yet. */
export function isUnlooked(address: Address, facts: ClusterStage, rules: Rules): boolean {
  const probes = probesOf(facts, rules)
  const isWanted = probes.kind === 'none' || (probes.kind === 'here' && !isWaived(probes))
  return isWanted && resultAt(address, facts, rules) === undefined
}

/** Why the decision waits for a look. */
export function whyUnlooked(texts: readonly string[], facts: ClusterStage, rules: Rules): string {
  const probes = probesOf(facts, rules)
  const because = 'because' in probes ? probes.because : undefined
  return because === undefined
    ? `${listed(texts)} not dialled yet`
    : `nobody has looked who answers at ${listed(texts)}: ${because}`
}

export function isWaived(probes: Probes): boolean {
  return probes.kind === 'here' && probes.waived === true
}

function resultAt(address: Address, facts: ClusterStage, rules: Rules): Probe | undefined {
  const probes = probesOf(facts, rules)
  return probes.kind === 'here' ? probes.results.find((probe) => probe.address === address) : undefined
}

/** The Node whose certificate answers: the one to which its key was granted, else the one in its common name. */
function ownerOf({ result, grantedTo }: Probe): string | null {
  return result.kind === 'certificate' ? (grantedTo ?? result.node) : null
}

/** For how long the address has shown the same, with a look at least every 30 s; 0 if that is not known. */
export function shownForMs(address: Address, facts: ClusterStage, rules: Rules): number {
  return resultAt(address, facts, rules)?.result.forMs ?? 0
}

/** Whether the network to kubelets of the requester's pool works: then silence says something. */
export function networkTo(
  address: Address,
  facts: ClusterStage,
  rules: Rules,
): 'works' | 'uncertain' | undefined {
  const probes = probesOf(facts, rules)
  return probes.kind === 'here' ? probes.network[familyOf(address)] : undefined
}
