import { rulesFor } from '../../policies/pools.ts'
import type { AdmissionRecorder, Judge } from '../ports.ts'
import { answerBootstrap, type BootstrapParts } from './bootstrap.ts'
import { answerApproval, type GuardParts } from './guard.ts'
import { judgeWithin, reportAfterwards } from './judged.ts'
import { type AdmissionAnswer, passBy, refuseMalformed, respond, respondOversized } from './respond.ts'
import type { Review } from './review.ts'

export interface AnswerParts extends GuardParts, BootstrapParts {
  readonly judge: Judge
  readonly recorder: AdmissionRecorder
}

/** `problem`: why no AdmissionReview can answer; for an HTTP status. */
export type Answered =
  | { readonly ok: true; readonly answer: AdmissionAnswer }
  | { readonly ok: false; readonly status: 400 | 413; readonly problem: string }

/** One review: judge, answer, report. */
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
    case 'bootstrap':
      return { ok: true, answer: answerBootstrap(review, parts) }
    case 'approval':
      return { ok: true, answer: await answerApproval(review, budgetMs, parts) }
  }
}

async function answerCsr(
  { uid, dryRun, input }: Extract<Review, { kind: 'csr' }>,
  budgetMs: number,
  parts: AnswerParts,
): Promise<AdmissionAnswer> {
  const started = parts.clock.monotonic()
  const rules = rulesFor(parts.rules(), input.csr.requester.username)
  const { decision, nodeUid } = await judgeWithin({ rules, budgetMs }, input, parts)
  if (decision.verdict === 'error') parts.recorder.panicked()
  const { callerIsProven } = parts
  const { mode } = rules.settings
  const { action, answer } = respond(uid, input.csr, decision, { mode, callerIsProven })
  const durationMs = parts.clock.monotonic() - started
  const record = {
    component: 'webhook',
    csr: input.csr,
    decision,
    action,
    durationMs,
    dryRun,
    reviewUid: uid,
  } as const
  reportAfterwards(nodeUid === undefined ? record : { ...record, nodeUid }, parts)
  return answer
}
