import { decideWithoutChecks } from '../../policies/evaluate.ts'
import type { Rules } from '../../policies/rules.ts'
import type { Decision } from '../../policies/types.ts'
import type { AdmissionInstruments, Clock, Judge, Log, Report, DecisionRecord } from '../ports.ts'
import { withinBudget } from './deadline.ts'
import { type AdmissionAnswer, passBy, refuseMalformed, respond, respondOversized } from './respond.ts'
import type { Review } from './review.ts'

export interface AnswerParts {
  readonly judge: Judge
  /** The policy in force. */
  readonly rules: () => Rules
  /** Whether whoever gets an answer is known to be an API server. */
  readonly callerIsProven: boolean
  readonly report: Report
  readonly instruments: AdmissionInstruments
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Log
}

/** `problem`: why no AdmissionReview can answer; for an HTTP status. */
export type Answered =
  | { readonly ok: true; readonly answer: AdmissionAnswer }
  | { readonly ok: false; readonly status: 400 | 413; readonly problem: string }

/** One review: judge, report, answer. */
export async function answerReview(review: Review, budgetMs: number, parts: AnswerParts): Promise<Answered> {
  switch (review.kind) {
    case 'unanswerable':
      return { ok: false, status: review.status, problem: review.problem }
    case 'oversized':
      parts.log.warn({ reviewUid: review.uid, problem: review.problem }, 'a review is too large to be read')
      return {
        ok: true,
        answer: respondOversized(review.uid, review.problem, parts.rules().settings.mode),
      }
    case 'foreign':
      return { ok: true, answer: passBy(review.uid) }
    case 'malformed':
      parts.log.warn({ reviewUid: review.uid, problem: review.problem }, 'refused a malformed review')
      return { ok: true, answer: refuseMalformed(review.uid, review.problem) }
    case 'csr':
      return { ok: true, answer: await answerCsr(review, budgetMs, parts) }
  }
}

async function answerCsr(
  { uid, dryRun, subject }: Extract<Review, { kind: 'csr' }>,
  budgetMs: number,
  parts: AnswerParts,
): Promise<AdmissionAnswer> {
  const started = parts.clock.monotonic()
  const { decision, nodeUid } = await judge(subject, budgetMs, parts)
  if (decision.verdict === 'error') parts.instruments.panicked()
  const { callerIsProven } = parts
  const { mode } = parts.rules().settings
  const { action, answer } = respond(uid, subject.csr, decision, { mode, callerIsProven })
  const durationMs = parts.clock.monotonic() - started
  const record = {
    component: 'webhook',
    csr: subject.csr,
    decision,
    action,
    durationMs,
    dryRun,
    reviewUid: uid,
  } as const
  reportSafely(nodeUid === undefined ? record : { ...record, nodeUid }, parts)
  return answer
}

interface Judged {
  readonly decision: Decision
  readonly nodeUid?: string
}

/** A timeout and a failure are decisions too, and neither approves. */
async function judge(
  subject: Parameters<Judge>[0],
  budgetMs: number,
  { judge: judgeSubject, rules, log }: AnswerParts,
): Promise<Judged> {
  try {
    const judgement = await withinBudget(budgetMs, (signal) => judgeSubject({ ...subject, signal }))
    if (judgement === null) {
      const detail = `no decision within ${budgetMs} ms`
      return { decision: decideWithoutChecks('TimedOut', rules().hash, detail) }
    }
    const node = judgement.facts.cluster?.node
    const nodeUid = node?.known === true ? node.value?.uid : undefined
    return nodeUid === undefined
      ? { decision: judgement.decision }
      : { decision: judgement.decision, nodeUid }
  } catch (error) {
    log.error({ err: error }, 'judging a CSR failed')
    return { decision: decideWithoutChecks('InternalError', rules().hash) }
  }
}

/** A report that fails does not change the answer. */
function reportSafely(record: DecisionRecord, { report, instruments, log }: AnswerParts): void {
  try {
    report(record)
  } catch (error) {
    instruments.panicked()
    log.error({ err: error }, 'a decision could not be reported')
  }
}
