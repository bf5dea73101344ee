import type { Check } from './check.ts'
import { requestIsReadable } from './checks/request-is-readable.ts'
import type { ReasonCode } from './index.ts'
import type { Rules } from './rules.ts'
import { oneLine } from './text.ts'
import type {
  ClusterStage,
  CsrObject,
  Decision,
  Facts,
  Fault,
  Finding,
  IgnoreReason,
  RequestStage,
} from './types.ts'

export const SIGNER = 'kubernetes.io/kubelet-serving'

/** An Event's note holds 1,024 bytes (kubernetes pkg/apis/core/validation/events.go), the code at its head included. */
const DETAIL_MAX = 1_024 - 64

const NO_CHECK = 'InternalError: no check belongs to this component'

type Weighed = Omit<Decision<ReasonCode>, 'policyHash'>

/** Judges one CSR: every check of the stages whose facts are there leaves a finding, only unanimous passes approve. */
export function evaluate(
  facts: Facts,
  rules: Rules,
  checks: readonly Check<ReasonCode>[],
): Decision<ReasonCode> {
  return Object.freeze({ ...weigh(facts, rules, checks), policyHash: rules.hash })
}

function weigh(facts: Facts, rules: Rules, checks: readonly Check<ReasonCode>[]): Weighed {
  const ignored = ignoreReason(facts.csr)
  if (ignored !== null)
    return { verdict: 'ignore', reason: ignored, message: `${ignored}: not judged`, findings: [] }
  const ours = checks.filter(({ components }) => components.includes(facts.component))
  // Else a record with a misspelt component would replay to an approval: nobody would have objected.
  if (ours.length === 0) return { verdict: 'error', reason: 'InternalError', message: NO_CHECK, findings: [] }
  if (!facts.request.readable) return unreadable(facts.request, ours)
  const findings = examine({ ...facts, request: facts.request }, rules, ours)
  return summarize(findings)
}

/** Whether a condition ends its wait; anyone may set others beside these. */
export function isDecided({ conditions }: Pick<CsrObject, 'conditions'>): boolean {
  return conditions.some((type) => type === 'Approved' || type === 'Denied' || type === 'Failed')
}

/** Why a CSR is not judged at all, null when it is. */
export function ignoreReason(csr: CsrObject): IgnoreReason | null {
  if (csr.signerName !== SIGNER) return 'OtherSigner'
  if (isDecided(csr)) return 'AlreadyDecided'
  if (csr.issued) return 'AlreadyIssued'
  return csr.deleting ? 'BeingDeleted' : null
}

function unreadable(fault: Fault, checks: readonly Check<ReasonCode>[]): Weighed {
  const detail = oneLine(`${fault.message} (${fault.code} at byte ${fault.at})`, DETAIL_MAX)
  const finding: Finding<ReasonCode> = {
    code: requestIsReadable.code,
    outcome: 'violation',
    detail,
    at: fault.at,
  }
  const skipped = checks.map((check) => skip(check, 'the request cannot be read'))
  return summarize([finding, ...skipped])
}

function examine(
  facts: RequestStage,
  rules: Rules,
  checks: readonly Check<ReasonCode>[],
): Finding<ReasonCode>[] {
  const findings: Finding<ReasonCode>[] = [{ code: requestIsReadable.code, outcome: 'pass', detail: '' }]
  for (const check of checks) findings.push(examineOne(check, facts, rules, findings))
  return findings
}

function examineOne(
  check: Check<ReasonCode>,
  facts: RequestStage,
  rules: Rules,
  before: readonly Finding<ReasonCode>[],
): Finding<ReasonCode> {
  if (check.stage === 'request') return guard(check, () => check.run(facts, rules))
  const { cluster } = facts
  if (cluster === null) return skip(check, 'settled before the cluster was asked')
  const weighsLast = check.stage === 'standing'
  if (weighsLast && before.some(({ outcome }) => outcome !== 'pass'))
    return skip(check, 'another finding stands')
  const staged: ClusterStage = { ...facts, cluster }
  return guard(check, () => check.run(staged, rules))
}

/** A check that throws is a bug: it approves nothing, and says which check it was. */
function guard(check: Check<ReasonCode>, run: () => ReturnType<Check['run']>): Finding<ReasonCode> {
  try {
    const result = run()
    if (result.outcome === 'pass') return { code: check.code, outcome: 'pass', detail: '' }
    const detail = oneLine(result.detail, DETAIL_MAX)
    if (result.outcome === 'unknown') return { code: check.code, outcome: 'unknown', detail }
    const failed = { code: check.code, outcome: check.failure, detail }
    return result.at === undefined ? failed : { ...failed, at: result.at }
  } catch (error) {
    const cause = error instanceof Error ? `${error.name}: ${error.message}` : typeof error
    return { code: check.code, outcome: 'error', detail: oneLine(`the check itself failed: ${cause}`, 200) }
  }
}

function skip(check: Check<ReasonCode>, because: string): Finding<ReasonCode> {
  return { code: check.code, outcome: 'skipped', detail: because }
}

/** Strongest first: a violation settles it whatever else is; a skipped check is no pass, so it never approves. */
const strongest = [
  ['error', 'error'],
  ['violation', 'deny'],
  ['notYet', 'notYet'],
  ['unknown', 'unknown'],
  ['skipped', 'unknown'],
] as const

function summarize(findings: readonly Finding<ReasonCode>[]): Weighed {
  for (const [outcome, verdict] of strongest) {
    const first = findings.find((finding) => finding.outcome === outcome)
    if (first !== undefined)
      return { verdict, reason: first.code, message: `${first.code}: ${first.detail}`, findings }
  }
  return {
    verdict: 'approve',
    reason: 'Conforms',
    message: `Conforms: all ${findings.length} checks pass`,
    findings,
  }
}
