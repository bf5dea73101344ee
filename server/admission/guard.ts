import { rulesFor } from '../../policies/pools.ts'
import type { Rules } from '../../policies/rules.ts'
import type { Judge } from '../ports.ts'
import { answerGrant, type GrantParts } from './grant.ts'
import { judgeWithin } from './judged.ts'
import type { AdmissionAnswer } from './respond.ts'
import type { ApprovalReview } from './review.ts'

export interface GuardParts extends GrantParts {
  /** The policy in force. */
  readonly rules: () => Rules
  readonly judge: Judge
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
  const { approver, input } = review
  const startedAt = parts.clock.monotonic()
  const rules = rulesFor(parts.rules(), input.csr.requester.username)
  const { decision } = await judgeWithin({ rules, budgetMs }, input, parts)
  if (decision.verdict === 'error') parts.recorder.panicked()
  const breakGlassGroup = parts.breakGlassGroups.find((allowed) => approver.groups.includes(allowed))
  const { mode } = rules.settings
  const granting = { review, csr: input.csr, decision, mode, startedAt, breakGlassGroup }
  return answerGrant({ component: 'guard', ...granting, approver: approver.username }, parts)
}
