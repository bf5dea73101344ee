/** Whose kubelet it is that waits for its first certificate at an address. */
import { addresses } from './request.ts'
import { rivalsOf } from './rivals.ts'
import type { Rules } from './rules.ts'
import { probesOf, seenAt, shownForMs } from './seen.ts'
import type { Address, ClusterStage } from './types.ts'

/**
 * Whether an address answers for the requester. A kubelet serves its certificate on every address of its machine; so one that
 * waits for its first certificate is the requester's only if the requester never had one, or its machine was set up again.
 */
export function answersForRequester(address: Address, facts: ClusterStage, rules: Rules): boolean {
  const { kind } = seenAt(address, facts, rules)
  return kind === 'own' || (kind === 'waiting' && mayWait(address, facts, rules))
}

/** Whether the kubelet that waits at an address may be the requester's. */
function mayWait(address: Address, facts: ClusterStage, rules: Rules): boolean {
  if (!hasCertificate(facts, rules)) return !contenders(address, facts).some(({ isStronger }) => isStronger)
  return (
    setUpAgainInMs(facts, rules) <= 0 && rivalsOf(facts, { kind: 'iPAddress', value: address }).length === 0
  )
}

/** Whether the requester's kubelet has a certificate that it would serve: it was granted one, or one is seen. */
function hasCertificate(facts: ClusterStage, rules: Rules): boolean {
  const { own } = facts.cluster
  if (own.known && own.value.served) return true
  const probes = probesOf(facts, rules)
  const seen = probes.kind === 'here' ? probes.results : []
  return seen.some(({ address }) => seenAt(address, facts, rules).kind === 'own')
}

/**
 * How long it takes until the requester's machine counts as set up again: kubelets have waited at every address asked for, for
 * longer than a newcomer takes to register. Infinity where one does not wait.
 */
export function setUpAgainInMs(facts: ClusterStage, rules: Rules): number {
  const times = addresses(facts.request).map((address) =>
    seenAt(address, facts, rules).kind === 'waiting' ? shownForMs(address, facts, rules) : -Infinity,
  )
  return rules.limits.waitingMs - Math.min(...times)
}

/** The Nodes that never had a certificate and report the address too, and whether the requester's claim outranks theirs. */
function contenders(address: Address, facts: ClusterStage): { readonly isStronger: boolean }[] {
  const { own } = facts.cluster
  const ours = own.known ? (own.value.precedence[address] ?? 0) : 0
  return rivalsOf(facts, { kind: 'iPAddress', value: address })
    .filter(({ served }) => !served)
    .map(({ precedence }) => ({ isStronger: precedence >= ours }))
}
