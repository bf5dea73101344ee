/** What is known of one value that is asked for, out of the facts. */
import { nodeName } from './node-name.ts'
import { addresses } from './request.ts'
import { isApiServersOnControlPlane } from './reserved.ts'
import type { Rules } from './rules.ts'
import {
  answersForRequester,
  hasCertificate,
  holderElsewhere,
  type Seen,
  seenAt,
  shownForMs,
} from './seen.ts'
import type { Address, Claim, ClusterStage, Holding } from './types.ts'
import { isVouchedFor } from './vouched.ts'

export interface Case {
  readonly kind: Claim['kind']
  readonly value: string
  /** Granted to the requester's own Node object, and to no other Node since that still reports it. */
  readonly mine: boolean
  /** An earlier Node object of the requester's name was granted it. */
  readonly wasMine: boolean
  /** An address asked for shows the requester's own certificate. */
  readonly isSeen: boolean
  /** A source of the policy says that it is the requester's, and of no other Node. */
  readonly vouched: boolean
  /** The name under which the API server authenticates the requester. */
  readonly bearer: boolean
  /** Another Node that reports or bears it. */
  readonly claim: Claim | undefined
  /** Another Node that was granted it. */
  readonly holding: Holding | undefined
  /** For how long no such Node reports it any more; undefined while it does. */
  readonly leftMs: number | undefined
  /** It was left for so long that its machine counts as gone. */
  readonly gone: boolean
  readonly seen: Seen
  /** The address answers for the requester; for a name, an address of its holder does. */
  readonly answers: boolean
  /** The address has shown the same for so long that its holder's machine counts as gone. */
  readonly shownForLong: boolean
  readonly hasCertificate: boolean
  readonly elsewhere: ReturnType<typeof holderElsewhere>
}

export type Value = Pick<Case, 'kind' | 'value'>

export function caseOf(facts: ClusterStage, rules: Rules, { kind, value }: Value): Case {
  const seen: Seen = kind === 'iPAddress' ? seenAt(value, facts, rules) : { saw: 'notDialled' }
  const holding = holdingOf(facts, kind, value)
  const { goneAfterMs } = rules.limits
  return {
    kind,
    value,
    mine: isGrantedLast(facts, { kind, value }, holding),
    wasMine: isOfEarlierNode(facts, { kind, value }),
    isSeen: addresses(facts.request).some((address) => seenAt(address, facts, rules).saw === 'own'),
    vouched: isVouchedFor(facts, rules.settings.sources, {
      kind: kind === 'dNSName' ? 'names' : 'addresses',
      value,
    }),
    bearer: kind === 'dNSName' && value === nodeName(facts.csr.requester.username),
    claim: claimOn(facts, kind, value),
    holding,
    ...sinceLeft(holding, facts, goneAfterMs),
    seen,
    answers: answersAt(kind === 'iPAddress' ? [value] : heldWith(facts, holding), facts, rules, holding),
    shownForLong: kind === 'iPAddress' && shownForMs(value, facts, rules) >= goneAfterMs,
    hasCertificate: hasCertificate(facts, rules),
    elsewhere: holding === undefined ? 'unknown' : holderElsewhere(holding, facts, rules),
  }
}

function sinceLeft(
  holding: Holding | undefined,
  { now }: ClusterStage,
  goneAfterMs: number,
): Pick<Case, 'leftMs' | 'gone'> {
  if (holding === undefined || holding.leftAt === null) return { leftMs: undefined, gone: false }
  const leftMs = Math.max(0, now - holding.leftAt)
  return { leftMs, gone: leftMs >= goneAfterMs }
}

function isGrantedLast(facts: ClusterStage, { kind, value }: Value, other: Holding | undefined): boolean {
  const { own } = facts.cluster
  const all = own.known ? own.value.held : []
  const held = all.find((one) => one.kind === kind && one.value === value)
  if (held === undefined) return false
  return other === undefined || other.leftAt !== null || other.grantedAt <= held.grantedAt
}

/** Whether one of the addresses answers for the requester. A holder that was just approved may be the one that waits there. */
function answersAt(
  proving: readonly Address[],
  facts: ClusterStage,
  rules: Rules,
  holding: Holding | undefined,
): boolean {
  const mayWait = holding !== undefined && facts.now - holding.grantedAt < rules.limits.servedWithinMs
  const answering = proving.filter((address) => answersForRequester(address, facts, rules))
  return answering.some((address) => !mayWait || seenAt(address, facts, rules).saw !== 'waiting')
}

function isOfEarlierNode({ csr, cluster: { holdings } }: ClusterStage, { kind, value }: Value): boolean {
  const own = nodeName(csr.requester.username)
  const all = holdings.known ? holdings.value : []
  return all.some((one) => one.kind === kind && one.value === value && one.node === own)
}

/** Another Node's; one that still reports it comes first, then the one that was granted it last. */
function holdingOf(facts: ClusterStage, kind: Claim['kind'], value: string): Holding | undefined {
  const { holdings } = facts.cluster
  const own = nodeName(facts.csr.requester.username)
  const others = (holdings.known ? holdings.value : []).filter(
    (one) => one.kind === kind && one.value === value && one.node !== own && !isVoid(facts, one),
  )
  const rank = ({ leftAt }: Holding): number => (leftAt === null ? 1 : 0)
  return others.toSorted((one, two) => rank(two) - rank(one) || two.grantedAt - one.grantedAt)[0]
}

function claimOn(facts: ClusterStage, kind: Claim['kind'], value: string): Claim | undefined {
  const { claims } = facts.cluster
  if (!claims.known) return undefined
  return claims.value.find((one) => one.kind === kind && one.value === value && !isVoid(facts, one))
}

/** The API server's own names and addresses can belong to a control-plane Node only: those of a worker are void. */
function isVoid(
  facts: ClusterStage,
  { kind, value, controlPlane }: Pick<Claim, 'kind' | 'value' | 'controlPlane'>,
): boolean {
  return !controlPlane && isApiServersOnControlPlane(facts, kind === 'dNSName' ? 'name' : 'address', value)
}

/** The addresses asked for that the same Node holds. */
function heldWith(facts: ClusterStage, holding: Holding | undefined): string[] {
  if (holding === undefined) return []
  const asked = addresses(facts.request)
  return asked.filter((address) => holding.elsewhere.includes(address))
}
