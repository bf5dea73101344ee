import type { Check } from './check.ts'
import { requestIsReadable } from './checks/request-is-readable.ts'
import { type CheckCode, type DecisionReason, type IgnoreReason, otherReasons } from './codes.ts'
import { isNodeUser } from './node-name.ts'
import { memoize } from './memoize.ts'
import { rulesFor } from './pools.ts'
import type { Rules } from './rules.ts'
import type { Settings } from './settings.ts'
import { oneLine } from './text.ts'
import { vouchedBy } from './vouched.ts'
import type {
  ClusterStage,
  CsrObject,
  Decision,
  Facts,
  Failure,
  Fault,
  Finding,
  RequestStage,
} from './types.ts'

const SIGNER = 'kubernetes.io/kubelet-serving'

/** An Event's note holds 1,024 bytes (kubernetes pkg/apis/core/validation/events.go), the code at its head included. */
const DETAIL_MAX = 1_024 - 64

/** In place of why a fact is not known, which may be any message of the API server. */
const UNKNOWN = 'the state of the cluster is not known now. See the log of kubelet-csr-gate'
/** In place of a failure that a check has not worded for everybody. */
const UNSAID = 'see the log of kubelet-csr-gate'

/**
 * Judges one CSR: every check of the stages whose facts are there leaves a finding, a request is approved only if every check passes.
 * @param checks those of the purpose
 * @param earlier the decision about the same request by the same rules and checks: checks of the request alone are not run again
 */
export function evaluate(facts: Facts, rules: Rules, checks: readonly Check[], earlier?: Decision): Decision {
  const ignored = ignoreReason(facts.csr, rules.settings)
  if (ignored !== null) return decideWithoutChecks(ignored, rules.hash)
  // Without this, a record with a misspelt purpose would replay to an approval.
  if (checks.length === 0)
    return decideWithoutChecks('InternalError', rules.hash, 'no check belongs to this purpose')
  const { request } = facts
  const own = rulesFor(rules, facts.csr.requester.username)
  const findings = request.readable
    ? examine({ ...facts, request }, own, { checks, earlier: earlier?.findings })
    : unreadable(request, checks)
  return Object.freeze({
    ...summarize(findings, checks),
    findings,
    policyHash: rules.hash,
    ...judgedBy(facts, own),
  })
}

/** What of the policy and its sources of truth the decision rests on. */
function judgedBy(
  { request, cluster, ...facts }: Facts,
  { pool, settings }: Rules,
): Pick<Decision, 'pool' | 'vouched'> {
  const { sources } = settings
  const asked = request.readable && cluster !== null && facts.purpose !== 'admit' && sources.length > 0
  return {
    ...(pool !== null && { pool }),
    ...(asked && { vouched: vouchedBy({ ...facts, request, cluster }, sources) }),
  }
}

/** A decision that comes before any check, or in place of them. `detail` says more than the reason itself. */
export function decideWithoutChecks(
  reason: Exclude<DecisionReason, CheckCode>,
  policyHash: string,
  detail: string = otherReasons[reason].when,
): Decision {
  const { verdict } = otherReasons[reason]
  const message = `${reason}: ${detail}`
  return Object.freeze({ verdict, reason, message, findings: [], awaited: true, policyHash })
}

/** Whether a condition ends its wait; anyone may set others beside these. */
export function isDecided({ conditions }: Pick<CsrObject, 'conditions'>): boolean {
  return conditions.some((type) => type === 'Approved' || type === 'Denied' || type === 'Failed')
}

/** Why a CSR is not judged at all, null when it is. */
export function ignoreReason(csr: CsrObject, settings: ForeignSettings): IgnoreReason | null {
  if (csr.signerName !== SIGNER) return 'OtherSigner'
  if (isLeftToOthers(csr.requester.username, settings)) return 'ForeignRequester'
  if (isDecided(csr)) return 'AlreadyDecided'
  if (csr.issued) return 'AlreadyIssued'
  return csr.deleting ? 'BeingDeleted' : null
}

type ForeignSettings = Pick<Settings, 'foreignRequesters'>

/** Whether another approver decides about the CSRs of this user. */
export function isLeftToOthers(username: string, { foreignRequesters }: ForeignSettings): boolean {
  return foreignRequesters === 'ignore' && !isNodeUser(username)
}

function unreadable(fault: Fault, checks: readonly Check[]): Finding[] {
  const detail = `${fault.message} (${fault.code} at byte ${fault.at})`
  const skipped = checks.map((check) => skip(check, 'the request cannot be read'))
  return [found(requestIsReadable, 'violation', { detail, at: fault.at }), ...skipped]
}

interface Examined {
  readonly checks: readonly Check[]
  /** In the order of the checks, after that of the readable request. */
  readonly earlier: readonly Finding[] | undefined
}

function examine(facts: RequestStage, rules: Rules, { checks, earlier }: Examined): Finding[] {
  const { cluster } = facts
  const staged = cluster === null ? null : { ...facts, cluster }
  const findings = [passed(requestIsReadable)]
  for (const check of checks) {
    const finding =
      check.stage === 'request'
        ? (earlier?.[findings.length] ?? guard(check, () => check.run(facts, rules)))
        : examineStaged(check, staged, rules, findings)
    findings.push(finding)
  }
  return findings
}

function examineStaged(
  check: Exclude<Check, { stage: 'request' }>,
  staged: ClusterStage | null,
  rules: Rules,
  before: readonly Finding[],
): Finding {
  if (staged === null) return skip(check, 'the cluster was not asked')
  const weighsLast = check.stage === 'timeliness'
  if (weighsLast && before.some(({ outcome }) => outcome !== 'pass'))
    return skip(check, 'another check did not pass')
  return guard(check, () => check.run(staged, rules))
}

/** A check that throws is a bug: it approves nothing, and says which check it was. */
function guard(check: Check, run: () => ReturnType<Check['run']>): Finding {
  try {
    const result = run()
    if (result.outcome === 'pass') return passed(check, result.note)
    if (result.outcome === 'unknown') return found(check, 'unknown', { publicDetail: UNKNOWN, ...result })
    // Only a check of the request alone has no other words than the caller's.
    const unsaid = check.stage === 'request' ? {} : { publicDetail: UNSAID }
    return found(check, check.failure, { ...unsaid, ...result })
  } catch (error) {
    const cause = error instanceof Error ? `${error.name}: ${error.message}` : typeof error
    const detail = oneLine(`internal error in this check: ${cause}`, 200)
    return found(check, 'error', { detail, publicDetail: otherReasons.InternalError.when })
  }
}

function passed(check: Pick<Check, 'code' | 'field'>, note = ''): Finding {
  return note === '' ? silentPass(check) : found(check, 'pass', { detail: note })
}

/** One finding for all requests that a check has nothing to say about: most of them. */
const silentPass = memoize((check: Pick<Check, 'code' | 'field'>) => found(check, 'pass'))

function skip(check: Check, because: string): Finding {
  return found(check, 'skipped', { detail: `not checked: ${because}` })
}

function found(
  { code, field = 'spec.request' }: Pick<Check, 'code' | 'field'>,
  outcome: Finding['outcome'],
  {
    detail,
    publicDetail,
    at,
    retryAfterMs,
    unlooked,
  }: Omit<Failure, 'outcome'> & Pick<Finding, 'unlooked'> = { detail: '' },
): Finding {
  return Object.freeze({
    code,
    field,
    outcome,
    detail: oneLine(detail, DETAIL_MAX),
    ...(publicDetail !== undefined && { publicDetail: oneLine(publicDetail, DETAIL_MAX) }),
    ...(at !== undefined && { at }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(unlooked !== undefined && { unlooked }),
  })
}

/** Strongest first: a violation settles it whatever else is; a skipped check is no pass, so it never approves. */
const strongest = [
  ['error', 'error'],
  ['violation', 'deny'],
  ['notYet', 'notYet'],
  ['unknown', 'unknown'],
  ['skipped', 'unknown'],
] as const

type Summary = Pick<Decision, 'verdict' | 'reason' | 'message' | 'awaited' | 'retryAfterMs'>

function summarize(findings: readonly Finding[], checks: readonly Check[]): Summary {
  for (const [outcome, verdict] of strongest) {
    const first = findings.find((finding) => finding.outcome === outcome)
    if (first === undefined) continue
    const { awaited = true } = checks.find(({ code }) => code === first.code) ?? {}
    const { code: reason, detail, retryAfterMs } = first
    const summary = { verdict, reason, message: `${reason}: ${detail}`, awaited }
    return retryAfterMs === undefined ? summary : { ...summary, retryAfterMs }
  }
  const notes = findings.map(({ detail }) => detail).filter((detail) => detail !== '')
  const message = [`Conforms: all ${findings.length} checks pass`, ...notes].join('; ')
  return { verdict: 'approve', reason: 'Conforms', message, awaited: true }
}
