/**
 * Whose a name or address is. Two facts decide, and no node writes either: what was granted, and who answers at the address.
 * Both checks read the two tables here; the first row that fits decides.
 */
import { fail, failFor, pass, passWithNote, unknown, unlooked } from './check.ts'
import { contestOf, shownValue, takenOver, type WORDS } from './contest-words.ts'
import { type Case, caseOf } from './ownership-case.ts'
import { shownNode } from './node-name.ts'
import { lookupOf, namesToProve } from './proof.ts'
import { addresses } from './request.ts'
import { isBorne, type Value } from './rivals.ts'
import type { Rules } from './rules.ts'
import { isUnlooked, probesOf, whyUnlooked } from './seen.ts'
import type { Claim, ClusterStage, Outcome } from './types.ts'
import { setUpAgainInMs } from './waiting.ts'

/** `free`: the requester gets it. `unseen`: only a look tells. The others name the words of a refusal. */
type Verdict = 'free' | 'unseen' | keyof typeof WORDS

interface Row {
  readonly verdict: Verdict
  readonly when: (one: Case) => boolean
}

const always = (): boolean => true
const isMine = ({ mine }: Case): boolean => mine
const isOwnName = ({ bearer, value }: Case): boolean => bearer && !value.includes('.')
const holderReports = ({ holding }: Case): boolean => holding?.leftAt === null
const holderLeft = ({ holding }: Case): boolean => holding !== undefined && holding.leftAt !== null
const isClaimed = ({ rivals }: Case): boolean => rivals.length > 0
const isContested = (one: Case): boolean => one.holding !== undefined || isClaimed(one)
/** The holder was granted it without proof, or another kubelet has answered there for ten minutes. */
const holderYields = ({ holding, shownForLong }: Case): boolean => holding?.sight === 'silent' || shownForLong
/** Another Node that still reports it, and has not lost it to the requester. */
const isHeld = (one: Case): boolean =>
  holderReports(one) && !(holderYields(one) && (one.answers || one.bearer))

const addressRows: readonly Row[] = [
  // The operator's sources outweigh what was granted, and who answers.
  { verdict: 'free', when: ({ vouched }) => vouched },
  { verdict: 'another', when: ({ seen }) => seen.kind === 'another' },
  { verdict: 'unseen', when: (one) => one.isUnseen && (!one.mine || isContested(one)) },
  { verdict: 'free', when: isMine },
  { verdict: 'held', when: isHeld },
  { verdict: 'free', when: ({ answers }) => answers },
  { verdict: 'left', when: holderLeft },
  { verdict: 'claimed', when: isClaimed },
  { verdict: 'disproven', when: ({ seen }) => seen.kind === 'waiting' },
  { verdict: 'free', when: always },
]

const nameRows: readonly Row[] = [
  { verdict: 'free', when: (one) => isOwnName(one) || one.vouched },
  { verdict: 'free', when: isMine },
  // A name moves with its machine's address, whatever DNS says.
  { verdict: 'free', when: (one) => holderLeft(one) && one.moves && !isClaimed(one) },
  { verdict: 'unseen', when: (one) => one.isUnseen && isContested(one) },
  { verdict: 'held', when: isHeld },
  { verdict: 'free', when: (one) => one.answers || (one.bearer && holderYields(one)) },
  { verdict: 'left', when: holderLeft },
  { verdict: 'free', when: ({ bearer }) => bearer },
  // Its Node was made again, and its machine answers. Meanwhile a Node of that name may have come.
  { verdict: 'free', when: (one) => one.wasMine && one.machineAnswers && !isBorne(one.rivals, one) },
  { verdict: 'claimed', when: isClaimed },
  { verdict: 'free', when: always },
]

export interface Asked {
  readonly kind: Claim['kind']
  /** Lower-case names, or addresses. */
  readonly values: readonly string[]
}

/** Passes what is the requester's, or nobody's. The first refusal outweighs what is unknown, and that outweighs the rest. */
export function settleOwnership(facts: ClusterStage, rules: Rules, { kind, values }: Asked): Outcome {
  const outcomes = values.map((value) => settleOne(facts, rules, { kind, value }))
  const first = (wanted: Outcome['outcome']) => outcomes.find(({ outcome }) => outcome === wanted)
  const notes = outcomes.flatMap((one) => (one.outcome === 'pass' ? (one.note ?? []) : []))
  return first('fail') ?? first('unknown') ?? (notes.length === 0 ? pass : passWithNote(notes.join('. ')))
}

function settleOne(facts: ClusterStage, rules: Rules, value: Value): Outcome {
  const because = unlearnt(facts)
  if (because !== null) return unknown(because)
  const one = caseOf(facts, rules, value)
  const verdict = verdictOn(one)
  if (verdict === 'unseen') return unlooked([shownValue(one)], whyUnseen(facts, rules, one))
  if (verdict === 'disproven') return tooFresh(facts, rules, one) ?? refusal(facts, rules, one, verdict)
  if (verdict !== 'free') return refusal(facts, rules, one, verdict)
  const granted = holderReports(one) && !one.mine ? passWithNote(takenOver(one)) : pass
  return tooEarly(facts, rules, one) ?? notLearnt(facts, one) ?? granted
}

function whyUnseen(facts: ClusterStage, rules: Rules, one: Case): string {
  if (one.kind === 'iPAddress') return whyUnlooked([shownValue(one)], facts, rules)
  const found = lookupOf(one.value, facts, rules)
  const because =
    found?.known === false ? `could not be looked up: ${found.because}` : 'has not been looked up yet'
  return `${shownValue(one)} ${because}`
}

function verdictOn(one: Case): Verdict {
  const rows = one.kind === 'iPAddress' ? addressRows : nameRows
  // The last row fits always.
  return rows.find(({ when }) => when(one))?.verdict ?? 'claimed'
}

/** A kubelet waits for about a second before its Node exists. Within it, another Node could report its address. */
function tooEarly(
  { cluster: { own } }: ClusterStage,
  { limits: { reportedForMs } }: Rules,
  one: Case,
): Outcome | null {
  const reportedMs = own.known ? own.value.reportedMs[one.value] : undefined
  if (one.seen.kind !== 'waiting' || one.vouched) return null
  if (reportedMs === undefined || reportedMs >= reportedForMs) return null
  const said = `the Node has reported ${shownValue(one)} for less than a second`
  return failFor(reportedForMs - reportedMs, said, said)
}

/** A machine may have lost its certificate. A denial would help nobody: in a minute the same request passes. */
function tooFresh(facts: ClusterStage, rules: Rules, one: Case): Outcome | null {
  const leftMs = setUpAgainInMs(facts, rules)
  if (leftMs === Infinity) return null
  const said = `a kubelet without a certificate has answered at ${shownValue(one)} for less than a minute`
  return failFor(leftMs, `${said}, and ${shownNode(facts.csr.requester.username)} had one before`, said)
}

/**
 * Why the ledger may know more about it, null if that does not matter. The requester's own part always matters: without it nobody
 * knows whether the requester has a certificate, and so whose kubelet waits. The parts of others matter unless it answers and nobody
 * else reports it. None matters where something besides the ledger shows that it is the requester's.
 */
function notLearnt({ cluster: { own } }: ClusterStage, one: Case): Outcome | null {
  if (!own.known || isSupported(one)) return null
  const { incomplete, othersIncomplete } = own.value
  const isAlone = one.answers && !isClaimed(one)
  const because = incomplete ?? (isAlone ? null : othersIncomplete)
  return because === null ? null : unknown(because)
}

/** Something besides the ledger shows that it is the requester's. */
function isSupported(one: Case): boolean {
  return one.mine || isOwnName(one) || (one.bearer && !isClaimed(one)) || one.seen.kind === 'own'
}

const DECIDES = 'The controller decides'

/** A refusal that a look at the address may heal is left to who looks. */
function refusal(facts: ClusterStage, rules: Rules, one: Case, then: keyof typeof WORDS): Outcome {
  const { detail, publicDetail } = contestOf(facts, one, then)
  if (facts.purpose === 'admit' && mayHeal(facts, rules, one, then))
    return unknown(`${detail}. ${DECIDES}`, { publicDetail: `${publicDetail}. ${DECIDES}` })
  return mayMove(facts, rules, one, then)
    ? unlooked([shownValue(one)], `${detail}. Nobody has looked who answers`)
    : fail(detail, { publicDetail })
}

/** Since when it was left, what the sources say, and who answers or where a name leads, the controller knows best. */
function mayHeal(facts: ClusterStage, rules: Rules, one: Case, then: keyof typeof WORDS): boolean {
  const isLookedAt = one.kind === 'iPAddress' || one.wasMine || mayBeLookedUp(facts, rules, one)
  return (
    then === 'left' ||
    rules.settings.sources.length > 0 ||
    (isLookedAt && probesOf(facts, rules).kind === 'later')
  )
}

/** A name moves with an address of the request, at which who judges cannot look. */
function mayMove(facts: ClusterStage, rules: Rules, one: Case, then: keyof typeof WORDS): boolean {
  if (one.kind !== 'dNSName' || (then !== 'left' && !one.wasMine)) return false
  if (!('because' in probesOf(facts, rules))) return false
  return addresses(facts.request).some((address) => isUnlooked(address, facts, rules))
}

/** Whether DNS may show that a name is the requester's. */
function mayBeLookedUp(facts: ClusterStage, rules: Rules, one: Case): boolean {
  return (!holderReports(one) || holderYields(one)) && namesToProve(facts, rules).includes(one.value)
}

/** Why it cannot be said whose anything is, null if it can. */
function unlearnt({ cluster: { claims, holdings, own } }: ClusterStage): string | null {
  const missing = [claims, holdings, own].find(({ known }) => !known)
  return missing?.known === false ? missing.because : null
}
