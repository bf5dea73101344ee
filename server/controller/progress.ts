/** A CSR takes three calls of 10 s at most, and each may be sent twice. */
const STALLED_MS = 60_000

/**
 * Notices that there is work and none gets done, as when a promise is never settled. It counts looks rather than time, so
 * that a process that was suspended is not at fault.
 */
export class Progress {
  readonly #looks: number
  #without = 0

  /** `everyMs`: time between two looks. */
  constructor(everyMs: number) {
    this.#looks = STALLED_MS / everyMs
  }

  /** Called at regular intervals. `due`: whether anything could be done now. */
  look(due: boolean): void {
    this.#without = due ? this.#without + 1 : 0
  }

  /** Called when the work on a CSR has ended, whatever its result. */
  made(): void {
    this.#without = 0
  }

  /** Why the controller needs a restart, or null. */
  problem(): string | null {
    if (this.#without < this.#looks) return null
    return `CSRs are due, and the work on none has ended for ${STALLED_MS / 1_000} s`
  }
}
