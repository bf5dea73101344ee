import type { Readable } from 'node:stream'

/** What the webhook holds at once. Past either limit it sheds, since an answer after the caller's timeout is worth nothing. */
export interface LoadLimits {
  /** Reviews being judged. */
  readonly reviews: number
  /** Bytes of bodies received and not yet answered, and of what became of them when they were parsed. */
  readonly bytes: number
}

/**
 * 256 reviews: ten times what a burst of 200 CSRs/s leaves in flight while each waits 100 ms for a Node.
 * 8 MiB: a usual review counts as 22 kB (4 kB, 80 elements), so 256 are 5.6 MB; of the largest, with 704 KiB, eleven.
 */
export const defaultLimits: LoadLimits = { reviews: 256, bytes: 8 * 1024 * 1024 }

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

  /** @param bytes what a review takes besides its body */
  tryEnter(bytes: number): boolean {
    if (this.#reviews >= this.#limits.reviews || !this.tryHold(bytes)) return false
    this.#reviews += 1
    return true
  }

  leave(bytes: number): void {
    this.#reviews -= 1
    this.release(bytes)
  }
}

/**
 * A stock kubelet's review has 2.5 kB; with an RSA-8192 key, 100 names of 253 characters and 100 groups 66 kB, three
 * quarters of them the PKCS#10 request, twice base64. Whatever is larger is refused by its uid, not by an HTTP status:
 * under failurePolicy Ignore a 413 would let in who pads a CSR.
 */
export const BODY_MAX = 256 * 1024
/**
 * The API server sends at most an old and a new object of 3 MiB each, and 1 MiB of the rest. What it sends is read to its
 * end, since a caller that is still writing when the connection closes may not see the answer; nothing past
 * {@link BODY_MAX} is kept.
 */
const SENT_MAX = (2 * 3 + 1) * 1024 * 1024
/** Of a body that is too large, what is kept to find its uid in: the API server writes that first. */
const HEAD_BYTES = 1_024

/** Longest time for a body to arrive once its head has: the API server sends both at once. */
const BODY_MS = 3_000

/** A body, `held` bytes of which the caller must release once it is answered. `head` is its beginning. */
export type Received =
  | { readonly outcome: 'complete'; readonly body: Buffer; readonly held: number }
  | { readonly outcome: 'oversized'; readonly head: Buffer; readonly bytes: number; readonly held: number }
  | { readonly outcome: 'endless' | 'shed' | 'cut'; readonly held: number }

/** Reads a body to its end, unless it grows past what anybody sends, past what may be held at once, or takes too long. */
export async function receive(stream: Readable, load: Load): Promise<Received> {
  // Leaving the loop must not destroy the stream: its socket carries the answer.
  const all: AsyncIterable<Buffer> = stream.iterator({ destroyOnReturn: false })
  const body = new Body(load)
  const timer = setTimeout(() => stream.destroy(), BODY_MS)
  try {
    for await (const chunk of all) {
      if (!body.add(chunk)) return { outcome: 'shed', held: body.held }
      if (body.bytes > SENT_MAX) return { outcome: 'endless', held: body.held }
    }
  } catch {
    // The caller went away or was too slow: there is nobody to answer.
    return { outcome: 'cut', held: body.held }
  } finally {
    clearTimeout(timer)
  }
  return body.end()
}

/** What is kept of a body while it arrives. */
class Body {
  readonly #load: Load
  readonly #chunks: Buffer[] = []
  #bytes = 0
  #held = 0
  /** Set once the body is too large. */
  #head: Buffer | undefined

  constructor(load: Load) {
    this.#load = load
  }

  get bytes(): number {
    return this.#bytes
  }

  get held(): number {
    return this.#held
  }

  /** False when there is no room for it. */
  add(chunk: Buffer): boolean {
    this.#bytes += chunk.length
    if (this.#head !== undefined) return true
    if (this.#bytes > BODY_MAX) {
      this.#keepHead(chunk)
      return true
    }
    if (!this.#load.tryHold(chunk.length)) return false
    this.#held += chunk.length
    this.#chunks.push(chunk)
    return true
  }

  end(): Received {
    const held = this.#held
    if (this.#head !== undefined) return { outcome: 'oversized', head: this.#head, bytes: this.#bytes, held }
    const [only] = this.#chunks
    const body = this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks)
    return { outcome: 'complete', body, held }
  }

  #keepHead(last: Buffer): void {
    this.#head = Buffer.concat([...this.#chunks, last], HEAD_BYTES)
    this.#chunks.length = 0
    this.#load.release(this.#held)
    this.#held = 0
  }
}
