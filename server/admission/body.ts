import type { Readable } from 'node:stream'

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

/**
 * The API server sends at most an old and a new object of 3 MiB each, and 1 MiB of the rest; controller-runtime
 * allows the same. A lower limit would be a way around the webhook: pad the CSR, get a 413, be let in under `Ignore`.
 */
export const BODY_MAX = (2 * 3 + 1) * 1024 * 1024

/** Longest time for a body to arrive once its head has: the API server sends both at once. */
const BODY_MS = 3_000

/** A body, `held` bytes of which the caller must release once it is answered. */
export type Received =
  | { readonly outcome: 'complete'; readonly body: Buffer; readonly held: number }
  | { readonly outcome: 'tooLarge' | 'shed' | 'cut'; readonly held: number }

/** Reads a body to its end, unless it grows past {@link BODY_MAX}, past what may be held at once, or takes too long. */
export async function receive(stream: Readable, load: Load): Promise<Received> {
  // Leaving the loop must not destroy the stream: its socket carries the answer.
  const all: AsyncIterable<Buffer> = stream.iterator({ destroyOnReturn: false })
  const chunks: Buffer[] = []
  let held = 0
  const timer = setTimeout(() => stream.destroy(), BODY_MS)
  try {
    for await (const chunk of all) {
      if (held + chunk.length > BODY_MAX) return { outcome: 'tooLarge', held }
      if (!load.tryHold(chunk.length)) return { outcome: 'shed', held }
      held += chunk.length
      chunks.push(chunk)
    }
  } catch {
    // The caller went away or was too slow: there is nobody to answer.
    return { outcome: 'cut', held }
  } finally {
    clearTimeout(timer)
  }
  const [only] = chunks
  const body = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)
  return { outcome: 'complete', body, held }
}
