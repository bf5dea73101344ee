import type { Clock } from '../ports.ts'

/** Single CSRs are seconds apart, those of a burst milliseconds. */
const BUSY_MS = 200

/** Tracks whether CSRs are being decided, so that less urgent work, such as Events, can wait. */
export class Activity {
  readonly #clock: Pick<Clock, 'monotonic'>
  #begunAt = -Infinity

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** Called when the controller starts to judge a CSR. */
  begin(): void {
    this.#begunAt = this.#clock.monotonic()
  }

  /** Whether a CSR was started within the last 200 ms. */
  isBusy(): boolean {
    return this.#clock.monotonic() - this.#begunAt < BUSY_MS
  }
}
