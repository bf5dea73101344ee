import { decideWithoutChecks } from '../../policies/evaluate.ts'
import type { Rules } from '../../policies/rules.ts'
import type { Decision } from '../../policies/types.ts'
import { nodeUid } from '../facts/nodes.ts'
import type { AdmissionRecorder, DecisionRecord, Judge, JudgeInput, Log, Report } from '../ports.ts'
import { withinBudget } from './deadline.ts'

interface JudgingParts {
  readonly judge: Judge
  readonly log: Log
}

/** What one review is judged by. */
interface Terms {
  readonly rules: Rules
  readonly budgetMs: number
}

interface Judged {
  readonly decision: Decision
  readonly nodeUid?: string
}

/** A timeout and a failure are decisions too, and neither approves. */
export async function judgeWithin(
  { rules, budgetMs }: Terms,
  input: JudgeInput,
  { judge, log }: JudgingParts,
): Promise<Judged> {
  try {
    const judgement = await withinBudget(budgetMs, (signal) => judge({ ...input, signal }, rules))
    if (judgement === null) {
      const detail = `no decision within ${budgetMs} ms`
      return { decision: decideWithoutChecks('TimedOut', rules.hash, detail) }
    }
    const { decision, facts } = judgement
    const uid = nodeUid(facts)
    return uid === undefined ? { decision } : { decision, nodeUid: uid }
  } catch (error) {
    log.error({ err: error }, 'judging a CSR failed')
    return { decision: decideWithoutChecks('InternalError', rules.hash) }
  }
}

export interface ReportingParts {
  readonly report: Report
  readonly recorder: Pick<AdmissionRecorder, 'panicked'>
  readonly log: Log
}

/** Once the answer is on its way, so that the caller does not wait for it. One that fails does not change the answer. */
export function reportAfterwards(record: DecisionRecord, { report, recorder, log }: ReportingParts): void {
  setImmediate(() => {
    try {
      report(record)
    } catch (error) {
      recorder.panicked()
      log.error({ err: error }, 'a decision could not be reported')
    }
  })
}
