import type { Address } from '../../policies/types.ts'
import type { Sight } from './dial.ts'

/** A few machines may well be switched off; so many, and none that answers, are cut off from us. */
const ADDRESSES = 8
const WINDOW_MS = 300_000

/** Notices that no kubelet answers anywhere. Then silence says nothing of an address. Times are monotonic milliseconds. */
export class Blindness {
  /** Where no kubelet answered, and when; the last stands last. */
  readonly #unanswered = new Map<Address, number>()
  #answeredAt = -Infinity

  note(address: Address, { saw }: Sight, now: number): void {
    if (saw === 'certificate' || saw === 'noCertificate') {
      this.#answeredAt = now
      this.#unanswered.clear()
      return
    }
    this.#unanswered.delete(address)
    this.#unanswered.set(address, now)
    const oldest = this.#unanswered.keys().next()
    if (this.#unanswered.size > ADDRESSES && oldest.done === false) this.#unanswered.delete(oldest.value)
  }

  isBlind(now: number): boolean {
    const recent = [...this.#unanswered.values()].filter((at) => now - at < WINDOW_MS)
    return recent.length >= ADDRESSES && now - this.#answeredAt >= WINDOW_MS
  }
}
