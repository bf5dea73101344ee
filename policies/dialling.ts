import { formatAddress } from './address.ts'
import type { CheckCode, DecisionReason } from './codes.ts'
import { addresses } from './request.ts'
import type { Rules } from './rules.ts'
import { seenAt } from './seen.ts'
import type { Address, ClusterStage, Decision } from './types.ts'

/** What a look at an address may heal. */
export const healedByLook: ReadonlySet<DecisionReason> = new Set([
  'NameContested',
  'AddressContested',
  'AddressUnproven',
] as const)

/**
 * The addresses on which the decision depends: those that the Node was not granted before or that never answered for it, and
 * all where others claim one. None if the request is refused all the same: so nobody has an
 * address dialled that its Node does not report, or that is reserved.
 */
export function addressesToDial(facts: ClusterStage, rules: Rules, { findings }: Decision): Address[] {
  if (rules.settings.proof.addresses === 'off') return []
  const refused = findings.some(({ code, outcome }) => outcome !== 'pass' && !isHealed(code, outcome))
  if (refused) return []
  const isOpen = findings.some(({ outcome }) => outcome !== 'pass' && outcome !== 'skipped')
  return addresses(facts.request).filter((address) => isOpen || !isProven(address, facts))
}

function isHealed(code: CheckCode, outcome: string): boolean {
  return outcome === 'skipped' || healedByLook.has(code)
}

function isProven(address: Address, { cluster: { own } }: ClusterStage): boolean {
  const all = own.known ? own.value.held : []
  return all.some(
    ({ kind, value, provenAt }) => kind === 'iPAddress' && value === address && provenAt !== null,
  )
}

/** For the log: `198.51.100.11 own`, of each address asked for. */
export function proofsOf(facts: ClusterStage, rules: Rules): string[] {
  return addresses(facts.request).map((address) => {
    const seen = seenAt(address, facts, rules)
    const proven = seen.kind === 'notDialled' && isProven(address, facts)
    return `${formatAddress(address)} ${proven ? 'proven' : seen.kind}`
  })
}
