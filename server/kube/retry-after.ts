import type { Clock } from '../ports.ts'
import type { Refusal } from './answer.ts'

/** A busy API server asks for a pause with Retry-After. The whole process keeps it, not only the call that was refused. */
export class RetryAfter {
  readonly #clock: Pick<Clock, 'monotonic'>
  #until = -Infinity

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  note(answer: { readonly ok: true } | Refusal): void {
    // 503 is an API server that starts or stops, or a proxy without one: it says nothing of other calls.
    if (answer.ok || answer.status !== 429 || answer.retryAfterMs === null) return
    this.#until = Math.max(this.#until, this.#clock.monotonic() + answer.retryAfterMs)
  }

  /** The answer to a call that comes too early, which is not sent; null when it may be sent. */
  tooEarly(): Refusal | null {
    const retryAfterMs = Math.ceil(this.#until - this.#clock.monotonic())
    if (retryAfterMs <= 0) return null
    const message = `the API server asked to wait for ${Math.ceil(retryAfterMs / 1_000)} s more`
    return { ok: false, status: 429, reason: 'TooManyRequests', message, retryAfterMs }
  }
}
