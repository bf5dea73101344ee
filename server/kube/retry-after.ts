import type { Clock } from '../ports.ts'
import type { Refusal } from './api-answer.ts'

/** An API server that starts or stops asks for 1 s. A proxy without a server may name any time. */
const UNAVAILABLE_MAX_MS = 10_000

/** A busy API server asks for a pause with Retry-After. The whole process keeps it, not only the call that was refused. */
export class RetryAfter {
  readonly #clock: Pick<Clock, 'monotonic'>
  #until = -Infinity

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  note(answer: { readonly ok: true } | Refusal): void {
    if (answer.ok || (answer.status !== 429 && answer.status !== 503)) return
    const askedMs = answer.retryAfterMs ?? 0
    const pauseMs = answer.status === 429 ? askedMs : Math.min(askedMs, UNAVAILABLE_MAX_MS)
    this.#until = Math.max(this.#until, this.#clock.monotonic() + pauseMs)
  }

  isPaused(): boolean {
    return this.tooEarly() !== null
  }

  /** The answer to a call that comes too early, which is not sent; null when it may be sent. */
  tooEarly(): Refusal | null {
    const retryAfterMs = Math.ceil(this.#until - this.#clock.monotonic())
    if (retryAfterMs <= 0) return null
    const message = `the API server asked to wait for ${Math.ceil(retryAfterMs / 1_000)} s more`
    return { ok: false, status: 429, reason: 'TooManyRequests', message, retryAfterMs }
  }
}
