/** How checks come out, and what is decided. Plain, frozen JSON, as the facts. */
import type { CheckCode, DecisionReason } from './codes.ts'
import type { SourceKind } from './settings.ts'

export interface Failure {
  readonly outcome: 'fail'
  /** For logs, Events, conditions and proven callers: one line, safe to print. */
  readonly detail: string
  /**
   * The same for a caller who may be anybody: what was asked and what to check, nothing of the cluster or the policy.
   * Default: the detail, for a check of the request stage; for the others, a sentence that says nothing.
   */
  readonly publicDetail?: string
  /** The byte offset in the DER of what is wrong. */
  readonly at?: number
  /** The time from now until the same request passes, where that is certain. */
  readonly retryAfterMs?: number
}

/** The request does what the check requires. */
interface Pass {
  readonly outcome: 'pass'
  /** For the log and the condition: one line, safe to print. */
  readonly note?: string
}

/** How a check came out. */
export type Outcome =
  | Pass
  | Failure
  | {
      readonly outcome: 'unknown'
      readonly detail: string
      readonly publicDetail?: string
      /** The names and addresses as text that only a look at who answers decides; absent if something else is not known. */
      readonly unlooked?: readonly string[]
    }

/** Where in a CertificateSigningRequest a finding points, for programs that read the answers. */
export type Field =
  | 'metadata'
  | 'spec.request'
  | 'spec.username'
  | 'spec.extra'
  | 'spec.usages'
  | 'spec.expirationSeconds'

/** What a check leaves behind. */
export interface Finding {
  readonly code: CheckCode
  readonly field: Field
  readonly outcome: 'pass' | 'violation' | 'notYet' | 'unknown' | 'skipped' | 'error'
  /** Of a `pass`: its note, mostly none. */
  readonly detail: string
  /** For a caller who may be anybody: {@link Failure}. Absent if the detail itself is. */
  readonly publicDetail?: string
  readonly at?: number
  readonly retryAfterMs?: number
  /** Of an `unknown`: {@link Outcome}. */
  readonly unlooked?: readonly string[]
}

export type Verdict = 'approve' | 'deny' | 'notYet' | 'unknown' | 'ignore' | 'error'

/** What is decided about one CSR. `reason` heads `message`, since a kubelet's log shows only the message. */
export interface Decision {
  readonly verdict: Verdict
  readonly reason: DecisionReason
  readonly message: string
  readonly findings: readonly Finding[]
  /** False when no kubelet waits for this certificate any more. */
  readonly awaited: boolean
  /** How long after it was judged the same request passes; absent where that is not known. */
  readonly retryAfterMs?: number
  readonly policyHash: string
  /** The pool of the policy whose rules were applied; absent for a node outside every pool. */
  readonly pool?: string
  /** Where the policy asks sources of truth: the first that vouches, by name or address as text. */
  readonly vouched?: Readonly<Record<string, SourceKind>>
}
