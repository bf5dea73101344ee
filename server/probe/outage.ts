import { defaultLimits, type ProbeLimits } from '../../policies/limits.ts'
import type { Address, Sight } from '../../policies/types.ts'

/** Notices that no kubelet answers anywhere, to tell it. Times are monotonic milliseconds. */
export class ProbeOutage {
  /** Where no kubelet answered, and when; the last stands last. */
  readonly #unanswered = new Map<Address, number>()
  readonly #limits: ProbeLimits
  #answeredAt = -Infinity

  constructor(limits: ProbeLimits = defaultLimits.probe) {
    this.#limits = limits
  }

  note(address: Address, { kind }: Sight, now: number): void {
    if (kind === 'certificate' || kind === 'noCertificate') {
      this.#answeredAt = now
      this.#unanswered.clear()
      return
    }
    this.#unanswered.delete(address)
    this.#unanswered.set(address, now)
    const oldest = this.#unanswered.keys().next()
    if (this.#unanswered.size > this.#limits.blindAddresses && oldest.done === false)
      this.#unanswered.delete(oldest.value)
  }

  isOngoing(now: number): boolean {
    const { blindAddresses, blindWindowMs } = this.#limits
    const recent = [...this.#unanswered.values()].filter((at) => now - at < blindWindowMs)
    return recent.length >= blindAddresses && now - this.#answeredAt >= blindWindowMs
  }
}
