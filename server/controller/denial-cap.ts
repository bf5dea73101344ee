/**
 * How many CSRs that do not conform yet may be denied, over all nodes. A wrong policy, or a cloud that reports no
 * addresses for an hour, makes a whole fleet wait: denied at once, it would all ask again at once, for ever.
 */
export class DenialCap {
  /** Denials a second. */
  static readonly RATE = 1
  static readonly BURST = 50
  /** Of the burst, kept for CSRs that a kubelet still waits for. */
  static readonly RESERVE = 25

  /** A kubelet that was denied asks again with what its Node reports by then: one denial heals it. */
  static readonly PER_USER_MS = 30_000

  readonly #monotonic: () => number
  /** When each user was last denied, oldest first; the cap itself bounds how many there are. */
  readonly #deniedAt = new Map<string, number>()
  #left = DenialCap.BURST
  #countedAt: number

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
    this.#countedAt = monotonic()
  }

  /**
   * Whether one more of this user may be denied now, or one node would use up what heals all others. `awaited`: a kubelet
   * waits for the answer, since nothing newer replaced it.
   */
  take(user: string, awaited: boolean): boolean {
    const now = this.#monotonic()
    for (const [denied, at] of this.#deniedAt) {
      if (now - at < DenialCap.PER_USER_MS) break
      this.#deniedAt.delete(denied)
    }
    if (this.#deniedAt.has(user)) return false
    const earned = ((now - this.#countedAt) / 1_000) * DenialCap.RATE
    this.#left = Math.min(this.#left + earned, DenialCap.BURST)
    this.#countedAt = now
    if (this.#left < 1 + (awaited ? 0 : DenialCap.RESERVE)) return false
    this.#left -= 1
    this.#deniedAt.set(user, now)
    return true
  }
}
