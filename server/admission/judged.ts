import { decideWithoutChecks } from '../../policies/evaluate.ts'
import type { Rules } from '../../policies/rules.ts'
import type { Decision } from '../../policies/types.ts'
import { nodeUid } from '../facts/nodes.ts'
import type { AdmissionRecorder, DecisionRecord, Judge, JudgeInput, Log, Report } from '../ports.ts'

/** Longest time for a decision: below the webhook's timeoutSeconds of 3, with time to answer and for one shed retry. */
const OWN_BOUND_MS = 2_500
/** Of the caller's timeout, what is left for the way there and back. */
const MARGIN_MS = 250
/** Between the signal that ends look-ups and the answer: time to say which fact is missing. */
const WIND_DOWN_MS = 100
/** Shortest time for a decision, whatever the caller asks for. */
const LEAST_MS = WIND_DOWN_MS + 50

/** A Go duration as the API server writes it into `?timeout=`: whole seconds. */
const TIMEOUT = /^(\d{1,5})(ms|s)$/

/** How long one review may take, in milliseconds, from the `timeout` of its query. */
export function budgetOf(timeout: string | readonly string[] | undefined): number {
  const match = typeof timeout === 'string' ? TIMEOUT.exec(timeout) : null
  if (match === null) return OWN_BOUND_MS
  const asked = Number(match[1]) * (match[2] === 's' ? 1_000 : 1)
  return Math.max(LEAST_MS, Math.min(OWN_BOUND_MS, asked - MARGIN_MS))
}

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

/**
 * The outcome of `work`, or null when it has none after `budgetMs`. The signal is given a little before,
 * so that work which heeds it still answers. Rejects as `work` does, unless that comes too late.
 */
function withinBudget<T>(budgetMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
  const stop = new AbortController()
  const { promise: late, resolve } = Promise.withResolvers<null>()
  const signalTimer = setTimeout(() => stop.abort(), budgetMs - WIND_DOWN_MS)
  const lateTimer = setTimeout(() => resolve(null), budgetMs)
  return Promise.race([work(stop.signal), late]).finally(() => {
    clearTimeout(signalTimer)
    clearTimeout(lateTimer)
  })
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
