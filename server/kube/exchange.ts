import type { IncomingHttpHeaders } from 'node:http'
import { type Dispatcher, request } from 'undici'
import type { Readable } from 'node:stream'

export interface Exchange {
  readonly dispatcher: Dispatcher
  readonly options: Dispatcher.DispatchOptions
  /** For the whole exchange, from waiting for a connection to the last byte. */
  readonly timeoutMs: number
  readonly maxBytes: number
  readonly signal: AbortSignal | undefined
  /** Called when the connection is ready, right before the request is written. False prevents that. */
  readonly maySend: (() => boolean) | undefined
}

export interface Exchanged {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Null if it is larger than `maxBytes`. */
  readonly body: Buffer | null
}

/**
 * Sends a request and reads the whole answer. Uses one timer and no streams, since each costs CPU time per call in a
 * burst of CSRs.
 * Rejects with the connection's error, {@link Late}, {@link Withheld} or the signal's reason.
 */
export function exchange(parts: Exchange): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    const receiver = new Receiver(parts, resolve, reject)
    parts.dispatcher.dispatch(parts.options, receiver)
  })
}

class Receiver implements Dispatcher.DispatchHandler {
  readonly #parts: Exchange
  readonly #resolve: (exchanged: Exchanged) => void
  readonly #reject: (because: unknown) => void
  readonly #timer: NodeJS.Timeout
  readonly #chunks: Buffer[] = []
  #bytes = 0
  #status = 0
  #headers: IncomingHttpHeaders = {}
  #controller: Dispatcher.DispatchController | undefined
  /** Why the exchange ended before the answer was complete. */
  #broken: Error | undefined

  constructor(parts: Exchange, resolve: (exchanged: Exchanged) => void, reject: (because: unknown) => void) {
    this.#parts = parts
    this.#resolve = resolve
    this.#reject = reject
    this.#timer = setTimeout(() => this.#break(new Late(parts.timeoutMs)), parts.timeoutMs).unref()
    parts.signal?.addEventListener('abort', this.#givenUp)
    if (parts.signal?.aborted === true) this.#givenUp()
  }

  /**
   * Calls `maySend` here, since a login, a TLS handshake and a wait for a free connection came before. The Lease may have
   * passed to another replica in the meantime, above all if the process was suspended.
   */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#broken === undefined && this.#parts.maySend?.() === false) this.#break(new Withheld())
    else if (this.#broken !== undefined) controller.abort(this.#broken)
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status
    this.#headers = headers
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes <= this.#parts.maxBytes) return void this.#chunks.push(chunk)
    this.#finish()
    this.#resolve({ status: this.#status, headers: this.#headers, body: null })
    controller.abort(new Error('the answer is too large'))
  }

  onResponseEnd(): void {
    this.#finish()
    this.#resolve({ status: this.#status, headers: this.#headers, body: Buffer.concat(this.#chunks) })
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#finish()
    this.#reject(error)
  }

  readonly #givenUp = (): void => this.#break(Object(this.#parts.signal?.reason))

  /** Ends the exchange. If it still waits for a connection, it is not sent later. */
  #break(because: Error): void {
    this.#broken = because
    this.#finish()
    this.#reject(because)
    this.#controller?.abort(because)
  }

  #finish(): void {
    clearTimeout(this.#timer)
    this.#parts.signal?.removeEventListener('abort', this.#givenUp)
  }
}

/** The exchange timed out. */
class Late extends Error {
  override readonly name = 'TimeoutError'

  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`)
  }
}

/** `maySend` was false, so the request was not sent. */
class Withheld extends Error {
  override readonly name = 'Withheld'

  constructor() {
    super('the call was no longer allowed when its connection was ready')
  }
}

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
