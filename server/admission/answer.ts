import { decideWithoutChecks } from '../../policies/evaluate.ts'
import type { Rules } from '../../policies/rules.ts'
import type { Decision } from '../../policies/types.ts'
import type { AdmissionInstruments, Clock, Judge, Log, Report, DecisionRecord } from '../ports.ts'
import { withinBudget } from './deadline.ts'
import { type AdmissionAnswer, passBy, refuseMalformed, respond } from './respond.ts'
import { type Review, readReview } from './review.ts'

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

/** `problem`: why no AdmissionReview can answer; for an HTTP 400. */
export type Answered =
  | { readonly ok: true; readonly answer: AdmissionAnswer }
  | { readonly ok: false; readonly problem: string }

/** One review: decode, judge, report, answer. */
export async function answerReview(body: Buffer, budgetMs: number, parts: AnswerParts): Promise<Answered> {
  const review = parseReview(body)
  switch (review.kind) {
    case 'unanswerable':
      return { ok: false, problem: review.problem }
    case 'foreign':
      return { ok: true, answer: passBy(review.uid) }
    case 'malformed':
      parts.log.warn({ reviewUid: review.uid, problem: review.problem }, 'refused a malformed review')
      return { ok: true, answer: refuseMalformed(review.uid, review.problem) }
    case 'csr':
      return { ok: true, answer: await answerCsr(review, budgetMs, parts) }
  }
}

function parseReview(body: Buffer): Review {
  try {
    return readReview(JSON.parse(body.toString('utf8')))
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: 'unanswerable', problem: 'the body is not JSON' }
    throw error
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
