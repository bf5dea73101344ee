import type { Judge } from '../ports.ts'
import { answerGrant, type GrantParts } from './grant.ts'
import { judgeWithin } from './judged.ts'
import type { AdmissionAnswer } from './respond.ts'
import type { ApprovalReview } from './review.ts'

export interface GuardParts extends GrantParts {
  /** Like the controller's judgement, with a look at current facts where they are not. */
  readonly judgeApproval: Judge
  /** Groups whose members may approve past policy. */
  readonly breakGlassGroups: readonly string[]
}

/**
 * The guard: nobody approves what the controller would not approve. The API server asks it only about approvals by others,
 * since the controller's own have been judged, and must not depend on the webhook.
 */
export async function answerApproval(
  review: ApprovalReview,
  budgetMs: number,
  parts: GuardParts,
): Promise<AdmissionAnswer> {
  const { approver, subject } = review
  const startedAt = parts.clock.monotonic()
  const { decision } = await judgeWithin(budgetMs, subject, { ...parts, judge: parts.judgeApproval })
  if (decision.verdict === 'error') parts.recorder.panicked()
  const breakGlassGroup = parts.breakGlassGroups.find((allowed) => approver.groups.includes(allowed))
  const granting = { review, csr: subject.csr, decision, startedAt, breakGlassGroup }
  return answerGrant({ component: 'guard', ...granting, approver: approver.username }, parts)
}
