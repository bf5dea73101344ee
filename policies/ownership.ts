/**
 * Whose a name or address is. Two facts decide, and no node writes either: what was granted, and who answers at the address.
 * Both checks read the two tables here; the first row that fits decides.
 */
import { pass, passWithNote, unknown } from './check.ts'
import { contestOf, takenOver, type WORDS } from './contest-words.ts'
import { type Case, caseOf, type Value } from './ownership-case.ts'
import type { Rules } from './rules.ts'
import { probesOf } from './seen.ts'
import type { Claim, ClusterStage, Outcome } from './types.ts'

/** `free`: the requester gets it. `told`: too, and that it was another's is told. The others name the words of a refusal. */
type Verdict = 'free' | 'told' | keyof typeof WORDS

interface Row {
  readonly verdict: Verdict
  readonly when: (one: Case) => boolean
}

const always = (): boolean => true
const isMine = ({ mine }: Case): boolean => mine
const isOwnName = ({ bearer, value }: Case): boolean => bearer && !value.includes('.')
const isReported = ({ holding, leftMs }: Case): boolean => holding !== undefined && leftMs === undefined
const hasLeft = ({ leftMs }: Case): boolean => leftMs !== undefined
const isGone = ({ gone }: Case): boolean => gone
const isClaimed = ({ claim }: Case): boolean => claim !== undefined
/** The holder lives on without the address, or is dead, or never answered there at all, or another has long answered there. */
const hasLost = ({ holding, elsewhere, shownForLong }: Case): boolean =>
  elsewhere !== 'unknown' || holding?.provenAt === null || shownForLong

/** The operator's sources outweigh what was granted, and who answers. */
const vouchedRows: readonly Row[] = [
  { verdict: 'told', when: (one) => one.vouched && isReported(one) },
  { verdict: 'free', when: ({ vouched }) => vouched },
]

const addressRows: readonly Row[] = [
  { verdict: 'free', when: isMine },
  ...vouchedRows,
  { verdict: 'another', when: ({ seen }) => seen.saw === 'another' },
  { verdict: 'disproven', when: (one) => one.seen.saw === 'waiting' && one.hasCertificate },
  { verdict: 'told', when: (one) => isReported(one) && one.answers && hasLost(one) },
  { verdict: 'held', when: isReported },
  { verdict: 'free', when: (one) => hasLeft(one) && one.answers && !isClaimed(one) },
  { verdict: 'told', when: (one) => isGone(one) && !isClaimed(one) },
  { verdict: 'left', when: (one) => hasLeft(one) && !isClaimed(one) },
  // Nobody holds it, or only somebody who is gone.
  { verdict: 'free', when: (one) => isClaimed(one) && one.seen.saw === 'own' },
  { verdict: 'free', when: (one) => one.claim?.served === true && one.answers },
  { verdict: 'claimed', when: isClaimed },
  { verdict: 'free', when: always },
]

const nameRows: readonly Row[] = [
  { verdict: 'free', when: isOwnName },
  { verdict: 'free', when: isMine },
  ...vouchedRows,
  { verdict: 'held', when: isReported },
  // A name moves with its machine's address.
  { verdict: 'free', when: (one) => hasLeft(one) && one.answers && !isClaimed(one) },
  { verdict: 'told', when: (one) => isGone(one) && !isClaimed(one) },
  { verdict: 'left', when: (one) => hasLeft(one) && !isGone(one) },
  { verdict: 'free', when: ({ bearer }) => bearer },
  // Its Node was made again, and its machine still serves the certificate.
  { verdict: 'free', when: (one) => one.wasMine && one.isSeen && one.holding === undefined },
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
  const rows = value.kind === 'iPAddress' ? addressRows : nameRows
  const verdict = rows.find(({ when }) => when(one))?.verdict ?? 'claimed'
  if (verdict !== 'free' && verdict !== 'told') return refusal(facts, rules, one, verdict)
  const missing = missingFor(facts, one)
  if (missing !== null) return unknown(missing)
  return verdict === 'told' ? passWithNote(takenOver(facts, one)) : pass
}

/**
 * Why the ledger may know more about it; null if it does not, or if something else shows that it is the requester's. Where the
 * requester's own grants may be missing, nobody knows whether it has a certificate, and so whose kubelet waits.
 */
function missingFor({ cluster: { own } }: ClusterStage, one: Case): string | null {
  const isShown = one.mine || isOwnName(one) || (one.bearer && one.claim === undefined)
  if (!own.known || isShown || one.seen.saw === 'own') return null
  return own.value.incomplete ?? (one.answers ? null : own.value.othersIncomplete)
}

const DECIDES = 'The controller decides'

/** A refusal that a look at the address may heal is the controller's to give. */
function refusal(facts: ClusterStage, rules: Rules, one: Case, then: keyof typeof WORDS): Outcome {
  const contest = contestOf(facts, one, then)
  if (facts.purpose !== 'admit' || contest.outcome !== 'fail') return contest
  // Since when it was left, and what the sources say, the controller knows best.
  const mayHeal =
    then === 'left' ||
    rules.settings.sources.length > 0 ||
    ((one.kind === 'iPAddress' || one.wasMine) && probesOf(facts, rules).are === 'later')
  if (!mayHeal) return contest
  const { detail, publicDetail } = contest
  const said = publicDetail === undefined ? {} : { publicDetail: `${publicDetail}. ${DECIDES}` }
  return unknown(`${detail}. ${DECIDES}`, said)
}

/** Why it cannot be said whose anything is, null if it can. */
function unlearnt({ cluster: { claims, holdings, own } }: ClusterStage): string | null {
  const missing = [claims, holdings, own].find(({ known }) => !known)
  return missing?.known === false ? missing.because : null
}
