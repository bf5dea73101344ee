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

  readonly #monotonic: () => number
  #left = DenialCap.BURST
  #countedAt: number

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
    this.#countedAt = monotonic()
  }

  /** Whether one more may be denied now. `awaited`: a kubelet waits for the answer, since nothing newer replaced it. */
  take(awaited: boolean): boolean {
    const now = this.#monotonic()
    const earned = ((now - this.#countedAt) / 1_000) * DenialCap.RATE
    this.#left = Math.min(this.#left + earned, DenialCap.BURST)
    this.#countedAt = now
    if (this.#left < 1 + (awaited ? 0 : DenialCap.RESERVE)) return false
    this.#left -= 1
    return true
  }
}
