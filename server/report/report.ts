import type { Decision } from '../../policies/types.ts'
import type { Clock, DecisionRecord, Log, Report, SharedCa } from '../ports.ts'
import type { Events } from './events.ts'
import type { MetricsRecorder } from './recorder.ts'
import { credentialIds } from '../../policies/credential.ts'
import { nodeName } from '../../policies/node-name.ts'
import { oneLine } from '../../policies/text.ts'

export interface ReportParts {
  readonly log: Log
  readonly metrics: Pick<MetricsRecorder, 'decided'>
  /** Null where nothing may be written about this requester: in mode dryRun, and when only the webhook runs. */
  readonly events: (username: string) => Pick<Events, 'report'> | null
  readonly clock: Pick<Clock, 'serverNow'>
  readonly sharedCa: () => SharedCa
}

/** Characters of one text in a log line. A user's or CSR's name is shorter; a decision's message is one sentence. */
const TEXT_MAX = 1_024
/** Failing findings in a log line: there are about as many checks. */
const FINDINGS_MAX = 32

/** Reports each decision once: a log line, metrics, and for the controller an Event on the CSR. */
export function createReport({ log, metrics, events, clock, sharedCa }: ReportParts): Report {
  return (record) => {
    const fields = { ...fieldsOf(record), sharedCa: sharedCa() }
    if (record.decision.verdict === 'error') log.error(fields, 'decided')
    else log.info(fields, 'decided')
    metrics.decided(record, Math.max(0, clock.serverNow() - record.csr.createdAt) / 1_000)
    events(record.csr.requester.username)?.report(record)
  }
}

/** The field names are a contract with those who search logs. */
function fieldsOf({
  component,
  csr,
  decision,
  action,
  durationMs,
  dryRun,
  reviewUid,
  approver,
  proof,
}: DecisionRecord): object {
  const user = oneLine(csr.requester.username, TEXT_MAX)
  return {
    component,
    csr: oneLine(csr.name, TEXT_MAX),
    uid: oneLine(csr.uid, TEXT_MAX),
    node: nodeName(csr.requester.username) ?? user,
    user,
    ...credentialOf(csr),
    verdict: decision.verdict,
    reason: decision.reason,
    message: oneLine(decision.message, TEXT_MAX),
    action,
    durationMs: Math.round(durationMs * 1_000) / 1_000,
    policyHash: decision.policyHash,
    ...(decision.pool === undefined ? {} : { pool: decision.pool }),
    ...(decision.vouched === undefined ? {} : { vouched: decision.vouched }),
    ...(reviewUid === undefined ? {} : { reviewUid }),
    ...(approver === undefined ? {} : { approver: oneLine(approver, TEXT_MAX) }),
    ...(dryRun === true ? { dryRun } : {}),
    ...(proof === undefined ? {} : { proof: proof.slice(0, FINDINGS_MAX) }),
    ...(decision.verdict === 'approve' ? {} : { failing: failing(decision) }),
  }
}

/** What the requester authenticated by, if the API server says so. */
function credentialOf({ requester }: DecisionRecord['csr']): object {
  const ids = credentialIds(requester)
  return ids.length === 0 ? {} : { credentialId: oneLine(ids.join(), TEXT_MAX) }
}

/** `CODE outcome: detail` of each finding that is no pass. */
function failing({ findings }: Decision): string[] {
  return findings
    .filter(({ outcome }) => outcome !== 'pass' && outcome !== 'skipped')
    .slice(0, FINDINGS_MAX)
    .map(({ code, outcome, detail }) => oneLine(`${code} ${outcome}: ${detail}`, TEXT_MAX))
}
