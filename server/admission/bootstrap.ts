import { decideWithoutChecks } from '../../policies/evaluate.ts'
import type { Rules } from '../../policies/rules.ts'
import type { Decision } from '../../policies/types.ts'
import type { BootstrapJudge } from '../facts/bootstrap.ts'
import type { Clock } from '../ports.ts'
import { respondToGrant } from './grant.ts'
import { type ReportingParts, reportSafely } from './judged.ts'
import type { AdmissionAnswer } from './respond.ts'
import type { BootstrapReview } from './review.ts'

export interface BootstrapParts extends ReportingParts {
  readonly judgeBootstrap: BootstrapJudge
  /** The policy in force. */
  readonly rules: () => Rules
  /** Whether whoever gets an answer is known to be an API server. */
  readonly callerIsProven: boolean
  readonly clock: Pick<Clock, 'monotonic'>
}

/** A bootstrap token makes new nodes, never one that exists. */
export function answerBootstrap(review: BootstrapReview, parts: BootstrapParts): AdmissionAnswer {
  const { uid, dryRun, reading } = review
  const started = parts.clock.monotonic()
  const decision = judge(review, parts)
  const { mode } = parts.rules().settings
  const { callerIsProven } = parts
  const { action, answer } = respondToGrant(uid, reading.csr, decision, {
    mode,
    breakGlassGroup: undefined,
    callerIsProven,
  })
  const durationMs = parts.clock.monotonic() - started
  const record = { component: 'bootstrap-guard', csr: reading.csr, decision, action, durationMs } as const
  reportSafely({ ...record, dryRun, reviewUid: uid }, parts)
  return answer
}

/** A failure is a decision too, and approves nothing. */
function judge(
  { reading, caller }: BootstrapReview,
  { judgeBootstrap, rules, instruments, log }: BootstrapParts,
): Decision {
  try {
    return judgeBootstrap(reading, caller)
  } catch (error) {
    instruments.panicked()
    log.error({ err: error }, 'judging the CSR of a bootstrap token failed')
    return decideWithoutChecks('InternalError', rules().hash)
  }
}
