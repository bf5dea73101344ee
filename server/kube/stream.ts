import type { Readable } from 'node:stream'
import { type Dispatcher, request } from 'undici'

export interface Stream {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Readable
}

interface Opening {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly dispatcher: Dispatcher
  readonly signal: AbortSignal
  /** Timeout for the headers. An open stream has no timeout. */
  readonly beginsWithinMs: number
}

/** Sends a request whose answer is read as a stream. Rejects with undici's errors. */
export async function openStream({ url, beginsWithinMs, ...options }: Opening): Promise<Stream> {
  const { statusCode, headers, body } = await request(url, {
    ...options,
    headersTimeout: beginsWithinMs,
    bodyTimeout: 0,
  })
  return { status: statusCode, headers, body }
}

/** Reads a whole body, such as an error in place of a stream. Null if it is longer than `maxBytes`. */
export async function readWhole(body: Readable, maxBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
