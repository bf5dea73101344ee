import { decideWithoutChecks } from '../../policies/evaluate.ts'
import { rulesFor } from '../../policies/pools.ts'
import type { Rules } from '../../policies/rules.ts'
import type { Decision } from '../../policies/types.ts'
import type { BootstrapJudge } from '../facts/bootstrap-judge.ts'
import { answerGrant, type GrantParts } from './grant.ts'
import type { AdmissionAnswer } from './respond.ts'
import type { BootstrapReview } from './review.ts'

export interface BootstrapParts extends GrantParts {
  /** The policy in force. */
  readonly rules: () => Rules
  readonly judgeBootstrap: BootstrapJudge
}

/** A bootstrap token makes new nodes, never one that exists. */
export function answerBootstrap(review: BootstrapReview, parts: BootstrapParts): AdmissionAnswer {
  const startedAt = parts.clock.monotonic()
  const { csr } = review.reading
  const rules = rulesFor(parts.rules(), csr.requester.username)
  const decision = judge(review, rules, parts)
  const { mode } = rules.settings
  return answerGrant({ component: 'bootstrap-guard', review, csr, decision, mode, startedAt }, parts)
}

/** A failure is a decision too, and approves nothing. */
function judge(
  { reading, caller }: BootstrapReview,
  { hash }: Rules,
  { judgeBootstrap, recorder, log }: BootstrapParts,
): Decision {
  try {
    return judgeBootstrap(reading, caller, hash)
  } catch (error) {
    recorder.panicked()
    log.error({ err: error }, 'judging the CSR of a bootstrap token failed')
    return decideWithoutChecks('InternalError', hash)
  }
}
