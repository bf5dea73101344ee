import type { Clock } from '../ports.ts'

/** CSRs that come alone are seconds apart, those of a burst milliseconds. */
const BUSY_MS = 200

/** Whether CSRs are being decided right now, so that whatever can wait does not compete with them. */
export class Activity {
  readonly #clock: Pick<Clock, 'monotonic'>
  #begunAt = -Infinity

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** The controller begins to judge a CSR. */
  begin(): void {
    this.#begunAt = this.#clock.monotonic()
  }

  isBusy(): boolean {
    return this.#clock.monotonic() - this.#begunAt < BUSY_MS
  }
}
