/** What is known of one value that is asked for, out of the facts. */
import { nodeName } from './node-name.ts'
import { asksDns, heldBy, isProvenName, lookupOf, namesToProve } from './proof.ts'
import { addresses } from './request.ts'
import { holdingOf, holdingsOf, isBorne, rivalsOf, type Value } from './rivals.ts'
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
  readonly machineAnswers: boolean
  /** A source of the policy says that it is the requester's, and of no other Node. */
  readonly vouched: boolean
  /** The name under which the API server authenticates the requester. */
  readonly bearer: boolean
  /** The other Nodes that report or bear it. */
  readonly rivals: readonly Claim[]
  /** Another Node that was granted it, and has not been gone from it for ten minutes. */
  readonly holding: Holding | undefined
  readonly seen: Seen
  /** The address has yet to be dialled, or the name to be looked up, by who judges. */
  readonly isUnseen: boolean
  /** The address answers for the requester; the name leads to addresses that do, or a pattern makes it of that of the Node. */
  readonly answers: boolean
  /** An address of the holder of the name answers for the requester. */
  readonly moves: boolean
  /** The address has shown the same for so long that its holder's machine counts as gone. */
  readonly shownForLong: boolean
}

export function caseOf(facts: ClusterStage, rules: Rules, value: Value): Case {
  const isAddress = value.kind === 'iPAddress'
  const seen: Seen = isAddress ? seenAt(value.value, facts, rules) : { kind: 'notDialled' }
  const holding = holdingOf(facts, rules, value)
  return {
    ...value,
    mine: isLatestGrant(facts, value, holding) && !isOutdone(facts, rules, value),
    wasMine: holdingsOf(facts, rules, value).some(
      ({ node }) => node === nodeName(facts.csr.requester.username),
    ),
    machineAnswers: addresses(facts.request).some((address) => answersForRequester(address, facts, rules)),
    vouched: isVouchedFor(facts, rules.settings.sources, {
      kind: isAddress ? 'addresses' : 'names',
      value: value.value,
    }),
    bearer: !isAddress && value.value === nodeName(facts.csr.requester.username),
    rivals: rivalsOf(facts, value),
    holding,
    seen,
    isUnseen: isAddress ? isUnlooked(value.value, facts, rules) : isNotLookedUp(facts, rules, value.value),
    answers: isAddress
      ? answersAt([value.value], facts, rules, holding)
      : isProvenName(value.value, facts, rules),
    moves: !isAddress && answersAt(heldWith(facts, holding), facts, rules, holding),
    shownForLong: isAddress && shownForMs(value.value, facts, rules) >= rules.limits.goneAfterMs,
  }
}

/** Nobody asked DNS for a name that needs a proof, or it gave no answer. */
function isNotLookedUp(facts: ClusterStage, rules: Rules, name: string): boolean {
  if (!asksDns(facts, rules) || lookupOf(name, facts, rules)?.known === true) return false
  return namesToProve(facts, rules).includes(name)
}

/** A later grant outranks an earlier one, also where its Node has left the value for a moment. */
function isLatestGrant(facts: ClusterStage, { kind, value }: Value, other: Holding | undefined): boolean {
  const held = heldBy(facts, { kind, value })
  return held !== undefined && (other === undefined || other.grantedAt <= held.grantedAt)
}

/**
 * A name goes to its bearer, if it is plain or was granted without proof. An address that never answered is not the
 * requester's where a kubelet waits that is not its own.
 */
function isOutdone(facts: ClusterStage, rules: Rules, { kind, value }: Value): boolean {
  const held = heldBy(facts, { kind, value })
  if (kind === 'dNSName') {
    const yields = !value.includes('.') || held?.sight === 'silent'
    return yields && isBorne(rivalsOf(facts, { kind, value }), { kind, value })
  }
  const isProven = (held?.provenAt ?? null) !== null
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
