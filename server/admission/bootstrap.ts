import { decideWithoutChecks } from '../../policies/evaluate.ts'
import type { Decision } from '../../policies/types.ts'
import type { BootstrapJudge } from '../facts/bootstrap.ts'
import { answerGrant, type GrantParts } from './grant.ts'
import type { AdmissionAnswer } from './respond.ts'
import type { BootstrapReview } from './review.ts'

export interface BootstrapParts extends GrantParts {
  readonly judgeBootstrap: BootstrapJudge
}

/** A bootstrap token makes new nodes, never one that exists. */
export function answerBootstrap(review: BootstrapReview, parts: BootstrapParts): AdmissionAnswer {
  const startedAt = parts.clock.monotonic()
  const decision = judge(review, parts)
  const { csr } = review.reading
  return answerGrant({ component: 'bootstrap-guard', review, csr, decision, startedAt }, parts)
}

/** A failure is a decision too, and approves nothing. */
function judge(
  { reading, caller }: BootstrapReview,
  { judgeBootstrap, rules, recorder, log }: BootstrapParts,
): Decision {
  try {
    return judgeBootstrap(reading, caller)
  } catch (error) {
    recorder.panicked()
    log.error({ err: error }, 'judging the CSR of a bootstrap token failed')
    return decideWithoutChecks('InternalError', rules().hash)
  }
}
