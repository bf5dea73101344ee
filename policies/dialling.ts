import { formatAddress } from './address.ts'
import type { CheckCode, DecisionReason } from './codes.ts'
import { asksDns, namesToProve, wasProven } from './proof.ts'
import { addresses } from './request.ts'
import type { Rules } from './rules.ts'
import { dials, seenAt } from './seen.ts'
import type { Address, ClusterStage, Decision } from './types.ts'

/** What a look at an address, or for a name in DNS, may heal. */
export const healedByLook: ReadonlySet<DecisionReason> = new Set([
  'NameContested',
  'AddressContested',
  'NameUnproven',
  'AddressUnproven',
] as const)

/**
 * The addresses on which the decision depends: those that the Node was not granted before or that never answered for it, and
 * all where others claim one. None if the request is refused all the same: so nobody has an
 * address dialled that its Node does not report, or that is reserved.
 */
export function addressesToDial(facts: ClusterStage, rules: Rules, decision: Decision): Address[] {
  if (!dials(rules) || isRefused(decision)) return []
  const isOpen = decision.verdict !== 'approve'
  return addresses(facts.request).filter((address) => isOpen || !wasProvenAt(address, facts))
}

/** The names that need a proof. None if the request is refused all the same: so nobody has a name looked up that is not its Node's. */
export function namesToLookUp(facts: ClusterStage, rules: Rules, decision: Decision): string[] {
  return isRefused(decision) || !asksDns(facts, rules) ? [] : namesToProve(facts, rules)
}

/** Whether no look heals it. */
function isRefused({ findings }: Decision): boolean {
  return findings.some(({ code, outcome }) => outcome !== 'pass' && !isHealed(code, outcome))
}

function isHealed(code: CheckCode, outcome: string): boolean {
  return outcome === 'skipped' || healedByLook.has(code)
}

function wasProvenAt(address: Address, facts: ClusterStage): boolean {
  return wasProven(facts, { kind: 'iPAddress', value: address })
}

/** For the log: `198.51.100.11 own`, of each address asked for. */
export function proofsOf(facts: ClusterStage, rules: Rules): string[] {
  return addresses(facts.request).map((address) => {
    const seen = seenAt(address, facts, rules)
    const proven = seen.kind === 'notDialled' && wasProvenAt(address, facts)
    return `${formatAddress(address)} ${proven ? 'proven' : seen.kind}`
  })
}
