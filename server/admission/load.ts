/** What the webhook holds at once. Past either limit it sheds, since an answer after the caller's timeout is worth nothing. */
export interface LoadLimits {
  /** Reviews being judged. */
  readonly reviews: number
  /** Bytes of bodies received and not yet answered. */
  readonly bytes: number
}

/**
 * 256 reviews: ten times what a burst of 200 CSRs/s leaves in flight while each waits 100 ms for a Node.
 * 32 MiB: four of the largest bodies the API server can send, 10,000 of the usual 2.2 kB.
 */
export const defaultLimits: LoadLimits = { reviews: 256, bytes: 32 * 1024 * 1024 }

/** Counts what is held. A refused reservation leaves it as it was. */
export class Load {
  readonly #limits: LoadLimits
  #reviews = 0
  #bytes = 0

  constructor(limits: LoadLimits) {
    this.#limits = limits
  }

  get reviews(): number {
    return this.#reviews
  }

  tryHold(bytes: number): boolean {
    if (this.#bytes + bytes > this.#limits.bytes) return false
    this.#bytes += bytes
    return true
  }

  release(bytes: number): void {
    this.#bytes -= bytes
  }

  tryEnter(): boolean {
    if (this.#reviews >= this.#limits.reviews) return false
    this.#reviews += 1
    return true
  }

  leave(): void {
    this.#reviews -= 1
  }
}
