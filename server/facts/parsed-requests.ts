import type { Fault, ParsedRequest } from '../../policies/types.ts'
import { heapBytes } from '../json.ts'

type Read = (request: string) => ParsedRequest | Fault

/** A kubelet's takes 3 kB with its request, 10 kB with 100 addresses. What is larger is rare, and is parsed each time. */
const READING_MAX_BYTES = 16 * 1_024

interface Kept {
  readonly reading: ParsedRequest
  readonly bytes: number
}

/**
 * Requests that were parsed. The webhook, the controller and the ledger parse the same request within a second, and the
 * result depends only on the text. One budget holds for all. Whoever keeps a request has seen that nothing in it refuses it:
 * what is refused at once never comes back.
 */
export class ParsedRequests {
  readonly #read: Read
  readonly #maxBytes: number
  /** The one that was used last comes last. */
  readonly #kept = new Map<string, Kept>()
  #bytes = 0

  /** @param maxBytes of heap for all that are kept */
  constructor(read: Read, maxBytes: number) {
    this.#read = read
    this.#maxBytes = maxBytes
  }

  /** Parses a request, or returns what is kept of it. */
  read(request: string): ParsedRequest | Fault {
    const kept = this.#kept.get(request)
    if (kept === undefined) return this.#read(request)
    this.#kept.delete(request)
    this.#kept.set(request, kept)
    return kept.reading
  }

  keep(request: string, reading: ParsedRequest): void {
    if (this.#kept.has(request)) return
    const bytes = heapBytes(request) + heapBytes(reading)
    if (bytes > READING_MAX_BYTES) return
    this.#kept.set(request, { reading, bytes })
    this.#bytes += bytes
    for (const [oldest, { bytes: freed }] of this.#kept) {
      if (this.#bytes <= this.#maxBytes) return
      this.#kept.delete(oldest)
      this.#bytes -= freed
    }
  }
}
