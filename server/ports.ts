/** The outside as small interfaces: what facts, admission and controller may ask of the world. Tests implement these. */
import type { CsrObject, Decision, Facts, Component, Identity } from '../policies/types.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json | undefined
}

export interface Clock {
  /** Milliseconds since the epoch by the API server's clock (from its `Date` header). */
  serverNow(): number
  /** Milliseconds on a clock that never jumps. */
  monotonic(): number
}

/** One line each: a constant message, values as fields. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path and query, such as `/api/v1/nodes/n1`. */
  readonly path: string
  readonly body?: JsonObject
  /** Default `application/json`. */
  readonly contentType?: string
  readonly timeoutMs?: number
  /** Largest answer that is read, for one that may be larger than the usual 8 MiB. */
  readonly answerMaxBytes?: number
  /** What of the written object comes back; default all of it. */
  readonly answerAs?: 'metadata'
  /** Asked once more when all that is left is to send; a call that may not be sent then has the reason `Withheld`. */
  readonly maySend?: () => boolean
  readonly signal?: AbortSignal
}

/** What the API server said. A call that got no answer (refused, reset, timed out) has status 0. Never throws. */
export type ApiAnswer =
  | { readonly ok: true; readonly status: number; readonly object: JsonObject }
  | {
      readonly ok: false
      readonly status: number
      /** Status.reason, or `Unreachable`, `TimedOut`, `Unreadable`. */
      readonly reason: string
      readonly message: string
      /** From Retry-After, null when absent. */
      readonly retryAfterMs: number | null
    }

/** What decisions are made from, and whether it is current enough to decide on. */
export interface Picture {
  /** Why nothing can be decided now, null when everything is known. */
  problem(): string | null
  /** Has whatever is out of date read again, once for all who ask. Resolves when that succeeded or failed. */
  refresh(): Promise<void>
}

export interface Api {
  call(call: ApiCall): Promise<ApiAnswer>
}

export interface Change<T> {
  readonly key: string
  readonly before: T | undefined
  readonly after: T | undefined
}

/** The objects of one list as an informer keeps them; keys are object names, `namespace/name` where namespaced. */
export interface Store<T> {
  /** What it holds, for people: `Nodes`. */
  readonly title: string
  get(key: string): T | undefined
  /** Whether there is such an object and it cannot be read, such as one that is too large. */
  isUnreadable(key: string): boolean
  values(): Iterable<T>
  readonly size: number
  /**
   * `syncing` until the first list is in; `live` from then on, however old; `absent` when the server does not serve the
   * resource: an answer, not an unknown. `ageMs`: what the store shows is no older than this. `problem`: the last failure
   * while it lasts.
   */
  state(): {
    readonly phase: 'syncing' | 'live' | 'absent'
    readonly ageMs: number
    readonly problem: string | null
  }
  /** Resolves once the store is no older than `maxAgeMs`, or one more list was read or failed. Never rejects. */
  refresh(maxAgeMs: number): Promise<void>
  /** Calls `listener` after the phase or the problem changed. */
  onState(listener: () => void): void
  subscribe(listener: (change: Change<T>) => void): void
}

/** A CertificateSigningRequest, narrowed to what is judged, and its `spec.request`: base64 of the PEM text, unread. */
export interface CsrReading {
  readonly csr: CsrObject
  readonly request: string
}

/** One CSR to judge. */
export interface JudgeInput extends CsrReading {
  readonly component: Component
  /** `userInfo` of an admission request, null in the controller. */
  readonly caller: Identity | null
  readonly signal?: AbortSignal
}

export interface Judgement {
  readonly decision: Decision
  readonly facts: Facts
}

/** Gathers and evaluates, stage by stage. The same one serves the webhook and the controller. Never rejects. */
export type Judge = (subject: JudgeInput) => Promise<Judgement>

/** What was done about a decision. */
export type Action = 'allowed' | 'warned' | 'refused' | 'approved' | 'denied' | 'left'

/** One decision, to be reported once: a log line, metrics, and for the controller an Event. */
export interface DecisionRecord {
  readonly component: Component
  readonly csr: CsrObject
  readonly decision: Decision
  readonly action: Action
  readonly durationMs: number
  readonly dryRun?: boolean
  /** `request.uid` of the AdmissionReview. */
  readonly reviewUid?: string
  /** The Node's uid, where one was found. */
  readonly nodeUid?: string
}
export type Report = (record: DecisionRecord) => void

/** Why a watch is started again. */
export const watchRestarts = ['closed', 'expired', 'silent', 'refused'] as const
export type WatchRestart = (typeof watchRestarts)[number]

/** Counters that the parts below report/ feed. */
export interface Instruments {
  apiRequest(verb: string, code: string): void
  watchRestart(list: string, reason: WatchRestart): void
  watchSpoke(list: string): void
  queue(event: {
    readonly depth: number
    readonly added?: boolean
    readonly retried?: boolean
    readonly waitedMs?: number
    readonly workedMs?: number
  }): void
  /** `elapsedMs`, asked at each scrape: of each CSR that is being judged, since it was begun. */
  underway(elapsedMs: () => readonly number[]): void
  leader(holds: boolean): void
  eventsDropped(count: number): void
}

/** Counters that the webhook feeds. */
export interface AdmissionInstruments {
  /** An HTTP answer went out. */
  answered(status: number, seconds: number): void
  inFlight(count: number): void
  shed(): void
  /** A bug was caught at the boundary. */
  panicked(): void
}
