import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 50

/** Whether a replica should hold the Lease, by whether it could decide. All times in milliseconds of one monotonic clock. */
export class LeaseEligibility {
  readonly #able: () => boolean
  readonly #unableMs: number
  /** When this replica could last decide. */
  #ableAt = -Infinity
  /** Since when nobody holds the Lease, null while somebody does. */
  #vacantSince: number | null = null

  /** `unableMs`: how long a holder that cannot decide keeps the Lease. */
  constructor(able: () => boolean, unableMs: number) {
    this.#able = able
    this.#unableMs = unableMs
  }

  /** At the start facts are there within a second: the first attempt follows them at once, without a request before. */
  async untilAble(atMostMs: number, stopped: AbortSignal): Promise<void> {
    for (let waitedMs = 0; waitedMs < atMostMs && !this.#able(); waitedMs += POLL_MS)
      await sleep(POLL_MS, undefined, { signal: stopped }).catch(() => undefined)
  }

  note(now: number): void {
    if (this.#able()) this.#ableAt = now
  }

  /** The holder could not decide for too long. The time starts again, or a replica that takes it back would resign at once. */
  mustResign(now: number): boolean {
    if (now - this.#ableAt <= this.#unableMs) return false
    this.#ableAt = now
    return true
  }

  /** A replica that cannot decide leaves a vacant Lease to others, but takes it when nobody has for twice as long. */
  mayTake(vacant: boolean, now: number): boolean {
    if (!vacant) {
      this.#vacantSince = null
      return false
    }
    this.#vacantSince ??= now
    return this.#able() || now - this.#vacantSince >= 2 * this.#unableMs
  }
}
