import type { ClusterStage, Component, Outcome, RequestStage, Stage } from './types.ts'
import type { Rules } from './rules.ts'

interface CheckText<Code extends string> {
  /** The violation's name, CamelCase: in conditions, Events, metrics and the docs. A contract. */
  readonly code: Code
  /** What a failure means: `violation` can never become right, `notYet` is false as things stand now. */
  readonly failure: 'violation' | 'notYet'
  readonly components: readonly Component[]
  /** One sentence, true of every good request. */
  readonly requires: string
  /** What could be done to the cluster otherwise. */
  readonly because: string
  /** Where it is written. */
  readonly source: string
}

export type Check<Code extends string = string> = CheckText<Code> &
  (
    | { readonly stage: 'request'; readonly run: (facts: RequestStage, rules: Rules) => Outcome }
    | {
        readonly stage: Exclude<Stage, 'request'>
        readonly run: (facts: ClusterStage, rules: Rules) => Outcome
      }
  )

/** A check, with its code kept as a literal so that the list of all codes is a union the compiler knows. */
export function defineCheck<const Code extends string>(check: Check<Code>): Check<Code> {
  return Object.freeze(check)
}

export const bothComponents: readonly Component[] = ['webhook', 'controller']

export const pass: Outcome = { outcome: 'pass' }

/** `at`: the byte offset of what is wrong, where it is in the request. */
export function fail(detail: string, at?: number): Outcome {
  return at === undefined ? { outcome: 'fail', detail } : { outcome: 'fail', detail, at }
}

export function unknown(because: string): Outcome {
  return { outcome: 'unknown', detail: because }
}
