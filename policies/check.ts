import type { CheckCode } from './codes.ts'
import type { Rules } from './rules.ts'
import type { ClusterStage, Failure, Field, Outcome, RequestStage, Stage } from './types.ts'

interface CheckText {
  /** What it is called when it fails. */
  readonly code: CheckCode
  /** What of the CSR it looks at; default `spec.request`. */
  readonly field?: Field
  /** False when its failure means that no kubelet waits for the certificate any more. */
  readonly awaited?: false
  /** What a failure means: `violation` can never become right, `notYet` is false as things stand now. */
  readonly failure: 'violation' | 'notYet'
  /** One sentence, true of every good request. */
  readonly requires: string
  /** What could be done to the cluster otherwise. */
  readonly because: string
  /** Where it is written. */
  readonly source: string
}

export type Check = CheckText &
  (
    | { readonly stage: 'request'; readonly run: (facts: RequestStage, rules: Rules) => Outcome }
    | {
        readonly stage: Exclude<Stage, 'request'>
        readonly run: (facts: ClusterStage, rules: Rules) => Outcome
      }
  )

export function defineCheck(check: Check): Check {
  return Object.freeze(check)
}

export const pass: Outcome = { outcome: 'pass' }

/** Passes, and the note stands in the log and in the Event. */
export function passWithNote(note: string): Outcome {
  return { outcome: 'pass', note }
}

export function fail(detail: string, more: Pick<Failure, 'at' | 'publicDetail'> = {}): Outcome {
  return { outcome: 'fail', detail, ...more }
}

/** Fails for now: after `retryAfterMs` the same request passes, so that there is no reason to ask with another. */
export function failFor(retryAfterMs: number, detail: string, publicDetail: string): Outcome {
  return { outcome: 'fail', detail, publicDetail, retryAfterMs }
}

/** @param more what a caller who may be anybody is told; default: a sentence that says nothing */
export function unknown(because: string, more: Pick<Failure, 'publicDetail'> = {}): Outcome {
  return { outcome: 'unknown', detail: because, ...more }
}

/** Unknown for want of a look: `values` as text are whatever a look would decide. */
export function unlooked(values: readonly string[], because: string): Outcome {
  return { outcome: 'unknown', detail: because, unlooked: values }
}
