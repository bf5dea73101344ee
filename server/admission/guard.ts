import type { Rules } from '../../policies/rules.ts'
import type { Clock, Judge } from '../ports.ts'
import { respondToGrant } from './grant.ts'
import { judgeWithin, type ReportingParts, reportSafely } from './judged.ts'
import type { AdmissionAnswer } from './respond.ts'
import type { ApprovalReview } from './review.ts'

export interface GuardParts extends ReportingParts {
  /** Like the controller's judgement, with a look at current facts where they are not. */
  readonly judgeApproval: Judge
  /** Groups whose members may approve past policy. */
  readonly breakGlassGroups: readonly string[]
  /** Whether whoever gets an answer is known to be an API server. */
  readonly callerIsProven: boolean
  /** The policy in force. */
  readonly rules: () => Rules
  readonly clock: Pick<Clock, 'monotonic'>
}

/**
 * The guard: nobody approves what the controller would not approve. The API server asks it only about approvals by others,
 * since the controller's own have been judged, and must not depend on the webhook.
 */
export async function answerApproval(
  { uid, dryRun, approver, subject }: ApprovalReview,
  budgetMs: number,
  parts: GuardParts,
): Promise<AdmissionAnswer> {
  const started = parts.clock.monotonic()
  const { decision } = await judgeWithin(budgetMs, subject, { ...parts, judge: parts.judgeApproval })
  if (decision.verdict === 'error') parts.instruments.panicked()
  const { csr } = subject
  const group = parts.breakGlassGroups.find((allowed) => approver.groups.includes(allowed))
  const { mode } = parts.rules().settings
  const { callerIsProven } = parts
  const { action, answer } = respondToGrant(uid, csr, decision, {
    mode,
    breakGlassGroup: group,
    callerIsProven,
  })
  const durationMs = parts.clock.monotonic() - started
  const record = { component: 'guard', csr, decision, action, durationMs, dryRun, reviewUid: uid } as const
  reportSafely({ ...record, approver: approver.username }, parts)
  return answer
}
