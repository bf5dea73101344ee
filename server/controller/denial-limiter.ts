/**
 * Limits the denials of CSRs that do not conform yet, over all nodes. With a wrong policy, or a cloud provider that
 * reports no addresses, all nodes have such CSRs. If all were denied at once, all kubelets would create new ones at once.
 */
export class DenialLimiter {
  /** Denials per second. */
  static readonly RATE = 1
  static readonly BURST = 50
  /**
   * Part of the burst that is reserved for CSRs that a kubelet still waits for, of a Node that has been there for a while.
   * Without it, whoever holds a bootstrap token could make users enough to take every denial.
   */
  static readonly RESERVE = 25

  /** Minimum time between denials of one user. A kubelet needs one: its next CSR has the addresses that its Node reports. */
  static readonly PER_USER_MS = 30_000

  readonly #monotonic: () => number
  readonly #isEstablished: (user: string) => boolean
  /** When each user was last denied, oldest first. The rate bounds its size. */
  readonly #deniedAt = new Map<string, number>()
  #left = DenialLimiter.BURST
  #countedAt: number

  constructor(monotonic: () => number, isEstablished: (user: string) => boolean) {
    this.#monotonic = monotonic
    this.#isEstablished = isEstablished
    this.#countedAt = monotonic()
  }

  /**
   * Takes a denial for a CSR of `user`. Returns false if the CSR may not be denied now.
   * @param awaited whether a kubelet still waits for this CSR, which is not superseded or expired
   */
  take(user: string, awaited: boolean): boolean {
    const now = this.#monotonic()
    for (const [denied, at] of this.#deniedAt) {
      if (now - at < DenialLimiter.PER_USER_MS) break
      this.#deniedAt.delete(denied)
    }
    if (this.#deniedAt.has(user)) return false
    const earned = ((now - this.#countedAt) / 1_000) * DenialLimiter.RATE
    this.#left = Math.min(this.#left + earned, DenialLimiter.BURST)
    this.#countedAt = now
    const reserved = awaited && this.#isEstablished(user) ? 0 : DenialLimiter.RESERVE
    if (this.#left < 1 + reserved) return false
    this.#left -= 1
    this.#deniedAt.set(user, now)
    return true
  }
}
