import { nodeName } from './node-name.ts'
import { addresses } from './request.ts'
import type { Rules } from './rules.ts'
import type { Address, ClusterStage, Holding, Probe, Probes } from './types.ts'

/**
 * What an address shows about the requester: its own certificate, that of another Node, a kubelet that waits for its first
 * certificate, anything else that listens, nothing, or not known.
 */
export type Seen =
  | { readonly saw: 'own' | 'waiting' | 'stranger' | 'silent' | 'notDialled' }
  | { readonly saw: 'another'; readonly node: string }

/** The results that count: a policy that has nothing dialled looks at none. */
export function probesOf({ cluster }: ClusterStage, { settings }: Rules): Probes {
  return settings.proof === 'off'
    ? { are: 'none', because: '`proof` of the policy is `off`' }
    : cluster.probes
}

export function seenAt(address: Address, facts: ClusterStage, rules: Rules): Seen {
  const probe = resultAt(address, facts, rules)
  if (probe === undefined) return { saw: 'notDialled' }
  const { result } = probe
  if (result.saw === 'noCertificate') return { saw: 'waiting' }
  if (result.saw === 'nothing') return { saw: 'silent' }
  const node = ownerOf(probe)
  if (node === null) return { saw: 'stranger' }
  return node === nodeName(facts.csr.requester.username) ? { saw: 'own' } : { saw: 'another', node }
}

function resultAt(address: Address, facts: ClusterStage, rules: Rules): Probe | undefined {
  const probes = probesOf(facts, rules)
  return probes.are === 'here' ? probes.results.find((probe) => probe.address === address) : undefined
}

/** The Node whose certificate answers: the one to which its key was granted, else the one in its common name. */
function ownerOf({ result, grantedTo }: Probe): string | null {
  return result.saw === 'certificate' ? (grantedTo ?? result.node) : null
}

/**
 * Whether an address answers for the requester. A kubelet serves its certificate on every address of its machine; so one that
 * waits for its first certificate is the requester's only if the requester has none.
 */
export function answersForRequester(address: Address, facts: ClusterStage, rules: Rules): boolean {
  const { saw } = seenAt(address, facts, rules)
  return saw === 'own' || (saw === 'waiting' && !hasCertificate(facts, rules))
}

/** The addresses asked for that were seen to answer for the requester. */
export function provenAddresses(facts: ClusterStage, rules: Rules): Address[] {
  return addresses(facts.request).filter((address) => answersForRequester(address, facts, rules))
}

/** Whether the requester has a certificate that its kubelet would serve: it was granted one, or one is seen. */
export function hasCertificate(facts: ClusterStage, rules: Rules): boolean {
  const { own } = facts.cluster
  if (own.known && own.value.served) return true
  const probes = probesOf(facts, rules)
  const seen = probes.are === 'here' ? probes.results : []
  return seen.some(({ address }) => seenAt(address, facts, rules).saw === 'own')
}

/** For how long the address has shown the same, 0 if that is not known. */
export function shownForMs(address: Address, facts: ClusterStage, rules: Rules): number {
  return resultAt(address, facts, rules)?.result.forMs ?? 0
}

/** Whether a holder answers at another of its addresses, has been silent at all of them for long, or neither is known. */
export function holderElsewhere(
  { node, elsewhere }: Holding,
  facts: ClusterStage,
  rules: Rules,
): 'answers' | 'silent' | 'unknown' {
  const results = elsewhere.map((address) => resultAt(address, facts, rules))
  if (results.some((probe) => probe !== undefined && ownerOf(probe) === node)) return 'answers'
  const allSilent = results.every(
    (probe) => probe?.result.saw === 'nothing' && probe.result.forMs >= rules.limits.goneAfterMs,
  )
  return allSilent && results.length > 0 ? 'silent' : 'unknown'
}
