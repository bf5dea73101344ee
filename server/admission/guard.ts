import type { DecisionReason } from '../../policies/codes.ts'
import type { Settings } from '../../policies/settings.ts'
import { oneLine } from '../../policies/text.ts'
import type { CsrObject, Decision } from '../../policies/types.ts'
import type { Rules } from '../../policies/rules.ts'
import type { Clock, Judge } from '../ports.ts'
import { judgeWithin, type ReportingParts, reportSafely } from './judged.ts'
import { type AdmissionAnswer, answerTo, auditOf, refusalOf, type Response, warningsOf } from './respond.ts'
import type { ApprovalReview } from './review.ts'

export interface GuardParts extends ReportingParts {
  /** Like the controller's judgement, with a look at current facts where they are not. */
  readonly judgeApproval: Judge
  /** Groups whose members may approve past policy. */
  readonly breakGlassGroups: readonly string[]
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
  const { action, answer } = respondToApproval(uid, csr, decision, { mode, breakGlassGroup: group })
  const durationMs = parts.clock.monotonic() - started
  const record = { component: 'guard', csr, decision, action, durationMs, dryRun, reviewUid: uid } as const
  reportSafely({ ...record, approver: approver.username }, parts)
  return answer
}

/** Somebody else decides about these. */
const LEFT_TO_OTHERS: readonly DecisionReason[] = ['OtherSigner', 'ForeignRequester']

/** An approval grants, so unlike a creation it is refused where the facts are not known. */
export function respondToApproval(
  uid: string,
  csr: CsrObject,
  decision: Decision,
  { mode, breakGlassGroup }: { mode: Settings['mode']; breakGlassGroup: string | undefined },
): Response {
  const auditAnnotations = auditOf(decision)
  if (decision.verdict === 'approve' || LEFT_TO_OTHERS.includes(decision.reason))
    return { action: 'allowed', answer: answerTo({ uid, allowed: true, auditAnnotations }) }
  if (breakGlassGroup !== undefined) {
    const group = oneLine(breakGlassGroup, GROUP_MAX)
    const warnings = warningsOf(decision, `approved past policy by a member of the group ${group}`)
    const audited = { ...auditAnnotations, 'break-glass': group }
    return {
      action: 'warned',
      answer: answerTo({ uid, allowed: true, warnings, auditAnnotations: audited }),
    }
  }
  if (mode === 'enforce') {
    const status = refusalOf(csr, decision)
    return { action: 'refused', answer: answerTo({ uid, allowed: false, status, auditAnnotations }) }
  }
  const warnings = warningsOf(decision, `approved past policy, which mode ${mode} allows`)
  return { action: 'warned', answer: answerTo({ uid, allowed: true, warnings, auditAnnotations }) }
}

/** It leaves room for the rest of the warning. */
const GROUP_MAX = 128
