/** Why a name or address is a Node's, for people and programs. It decides nothing: the checks do. */
import { formatAddress } from './address.ts'
import { nodeName, shownNode } from './node-name.ts'
import { settleOwnership } from './ownership.ts'
import { caseOf } from './ownership-case.ts'
import { heldBy, isMadeOf } from './proof.ts'
import { addresses, dnsNames, foldCase } from './request.ts'
import type { Value } from './rivals.ts'
import type { Rules } from './rules.ts'
import type { SourceKind } from './settings.ts'
import { shown, utc } from './text.ts'
import type { ClusterStage, Held, NodeFacts, Outcome } from './types.ts'
import { vouchedBy } from './vouched.ts'

export type Why =
  | 'ownName'
  | 'grantedAndSeen'
  | 'answersNow'
  | 'vouched'
  /** Granted without proof, which was told then. */
  | 'told'
  | 'unproven'
  | 'notKnown'
  | 'notItsOwn'

export interface Belonging {
  readonly kind: 'name' | 'address'
  /** Printable ASCII. */
  readonly value: string
  readonly why: Why
  /** The same in words: one line, safe to print. */
  readonly words: string
}

type Reason = Pick<Belonging, 'why' | 'words'>

export const OWN_NAME: Reason = { why: 'ownName', words: 'its own name' }
/** A name that a pattern with `{node}` makes of that of the Node. */
export const BY_PATTERN: Reason = {
  why: 'ownName',
  words: 'made of its own name by a pattern of the policy',
}
const ANSWERS: Reason = { why: 'answersNow', words: 'answers as this Node now' }
const LEADS: Reason = { why: 'answersNow', words: 'leads in DNS to addresses that answer as this Node' }
export const UNPROVEN: Reason = { why: 'unproven', words: "nothing shows that it is this Node's" }

const notKnown = (because: string): Reason => ({ why: 'notKnown', words: `not known: ${because}` })

export const notItsOwn = (because: string): Reason => ({
  why: 'notItsOwn',
  words: `not its own: ${because}`,
})

/** Of what the Node was granted. Where the policy has sources, nothing else is granted. */
export function grantedBy({ provenAt }: Pick<Held, 'provenAt'>, sources: readonly SourceKind[]): Reason {
  if (provenAt !== null)
    return {
      why: 'grantedAndSeen',
      words: `granted, and seen to answer as this Node, last at ${utc(provenAt)}`,
    }
  return sources.length > 0
    ? { why: 'vouched', words: `granted; ${sources.join(' or ')} must vouch for it` }
    : { why: 'told', words: 'granted without proof' }
}

/** All that a request may have. */
const VALUES_MAX = 100

/** Each name and address of a request. */
export function belongingsOf(facts: ClusterStage, rules: Rules): Belonging[] {
  const names = dnsNames(facts.request).map((name) => ({ kind: 'dNSName', value: foldCase(name) }) as const)
  const asked = addresses(facts.request).map((value) => ({ kind: 'iPAddress', value }) as const)
  return [...names, ...asked].slice(0, VALUES_MAX).map((one) => ({
    kind: one.kind === 'dNSName' ? 'name' : 'address',
    value: shown(textOf(one)),
    ...reasonOf(facts, rules, one),
  }))
}

function reasonOf(facts: ClusterStage, rules: Rules, asked: Value): Reason {
  const { node } = facts.cluster
  if (!node.known) return notKnown(node.because)
  if (!requesterReports(node.value, asked))
    return notItsOwn(`${shownNode(facts.csr.requester.username)} does not report it`)
  const outcome = settleOwnership(facts, rules, { kind: asked.kind, values: [asked.value] })
  if (outcome.outcome === 'fail') return notItsOwn(outcome.detail)
  const source = vouchedBy(facts, rules.settings.sources)[textOf(asked)]
  if (source !== undefined) return { why: 'vouched', words: `vouched for by ${source}` }
  if (isOwnName(facts, asked)) return OWN_NAME
  if (isMadeOfOwn(facts, rules, asked)) return BY_PATTERN
  return shownBy(facts, rules, asked) ?? openReason(outcome)
}

function openReason(outcome: Outcome): Reason {
  return outcome.outcome === 'unknown' ? notKnown(outcome.detail) : UNPROVEN
}

/** What was granted, or who answers; null if neither shows anything. */
function shownBy(facts: ClusterStage, rules: Rules, asked: Value): Reason | null {
  const held = heldBy(facts, asked)
  if (held?.provenAt == null && caseOf(facts, rules, asked).answers)
    return asked.kind === 'iPAddress' ? ANSWERS : LEADS
  return held === undefined ? null : grantedBy(held, rules.settings.sources)
}

function requesterReports(node: NodeFacts | null, { kind, value }: Value): boolean {
  return (kind === 'dNSName' ? node?.names : node?.addresses)?.includes(value) === true
}

function isOwnName({ csr }: ClusterStage, { kind, value }: Value): boolean {
  return kind === 'dNSName' && value === nodeName(csr.requester.username)
}

/** Whether a pattern of the policy makes the name of that of the Node. */
function isMadeOfOwn({ csr }: ClusterStage, rules: Rules, { kind, value }: Value): boolean {
  return kind === 'dNSName' && isMadeOf(value, nodeName(csr.requester.username), rules)
}

function textOf({ kind, value }: Value): string {
  return kind === 'iPAddress' ? formatAddress(value) : value
}
