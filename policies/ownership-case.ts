/** What is known of one value that is asked for, out of the facts. */
import { nodeName } from './node-name.ts'
import { addresses } from './request.ts'
import { holdingOf, holdingsOf, rivalsOf, type Value } from './rivals.ts'
import type { Rules } from './rules.ts'
import { isUnlooked, type Seen, seenAt, shownForMs } from './seen.ts'
import type { Address, Claim, ClusterStage, Holding } from './types.ts'
import { isVouchedFor } from './vouched.ts'
import { answersForRequester } from './waiting.ts'

export interface Case extends Value {
  /** Granted to the requester's own Node object, and to no other Node since. */
  readonly mine: boolean
  /** An earlier Node object of the requester's name was granted it. */
  readonly wasMine: boolean
  /** An address asked for answers for the requester. */
  readonly isShown: boolean
  /** A source of the policy says that it is the requester's, and of no other Node. */
  readonly vouched: boolean
  /** The name under which the API server authenticates the requester. */
  readonly bearer: boolean
  /** The other Nodes that report or bear it. */
  readonly rivals: readonly Claim[]
  /** Another Node that was granted it, and has not been gone from it for ten minutes. */
  readonly holding: Holding | undefined
  readonly seen: Seen
  /** The address has yet to be dialled, by who judges. */
  readonly isUnseen: boolean
  /** The address answers for the requester; for a name, an address of its holder does. */
  readonly answers: boolean
  /** The address has shown the same for so long that its holder's machine counts as gone. */
  readonly shownForLong: boolean
}

export function caseOf(facts: ClusterStage, rules: Rules, value: Value): Case {
  const isAddress = value.kind === 'iPAddress'
  const seen: Seen = isAddress ? seenAt(value.value, facts, rules) : { kind: 'notDialled' }
  const holding = holdingOf(facts, rules, value)
  return {
    ...value,
    mine: isMine(facts, value, holding) && !isOutdone(facts, rules, value),
    wasMine: holdingsOf(facts, rules, value).some(
      ({ node }) => node === nodeName(facts.csr.requester.username),
    ),
    isShown: addresses(facts.request).some((address) => answersForRequester(address, facts, rules)),
    vouched: isVouchedFor(facts, rules.settings.sources, {
      kind: isAddress ? 'addresses' : 'names',
      value: value.value,
    }),
    bearer: !isAddress && value.value === nodeName(facts.csr.requester.username),
    rivals: rivalsOf(facts, value),
    holding,
    seen,
    isUnseen: isAddress && isUnlooked(value.value, facts, rules),
    answers: answersAt(isAddress ? [value.value] : heldWith(facts, holding), facts, rules, holding),
    shownForLong: isAddress && shownForMs(value.value, facts, rules) >= rules.limits.goneAfterMs,
  }
}

/** A later grant outranks an earlier one, also where its Node has left the value for a moment. */
function isMine(facts: ClusterStage, { kind, value }: Value, other: Holding | undefined): boolean {
  const { own } = facts.cluster
  const all = own.known ? own.value.held : []
  const held = all.find((one) => one.kind === kind && one.value === value)
  return held !== undefined && (other === undefined || other.grantedAt <= held.grantedAt)
}

/** A plain name goes to its bearer. An address that never answered is not
 * the requester's where a kubelet waits that is not its own. */
function isOutdone(facts: ClusterStage, rules: Rules, { kind, value }: Value): boolean {
  if (kind === 'dNSName')
    return !value.includes('.') && rivalsOf(facts, { kind, value }).some(({ node }) => node === value)
  const { own } = facts.cluster
  const isProven = own.known && own.value.held.some((one) => one.value === value && one.provenAt !== null)
  if (isProven || seenAt(value, facts, rules).kind !== 'waiting') return false
  return !answersForRequester(value, facts, rules)
}

/** Whether one of the addresses answers for the requester. A holder that was just approved may be the one that waits there. */
function answersAt(
  proving: readonly Address[],
  facts: ClusterStage,
  rules: Rules,
  holding: Holding | undefined,
): boolean {
  const mayBeHolders = holding !== undefined && facts.now - holding.grantedAt < rules.limits.servedWithinMs
  const answering = proving.filter((address) => answersForRequester(address, facts, rules))
  return answering.some((address) => !mayBeHolders || seenAt(address, facts, rules).kind !== 'waiting')
}

/** The addresses asked for that the same Node holds. */
function heldWith(facts: ClusterStage, holding: Holding | undefined): string[] {
  if (holding === undefined) return []
  return addresses(facts.request).filter((address) => holding.elsewhere.includes(address))
}
