import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'

export interface Exchange {
  readonly dispatcher: Dispatcher
  readonly options: Dispatcher.DispatchOptions
  /** For the whole of it, from waiting for a connection to the last byte. */
  readonly timeoutMs: number
  readonly maxBytes: number
  readonly signal: AbortSignal | undefined
  /** Asked when the connection is there and the next thing is to write the request. */
  readonly maySend: (() => boolean) | undefined
}

export interface Exchanged {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Null when it is larger than allowed. */
  readonly body: Buffer | null
}

/**
 * One request and its whole answer. A burst of CSRs pays for every stream, signal and timer of a call, so here are one
 * timer and the chunks.
 * Rejects with what broke the connection, {@link Late}, {@link Withheld} or the signal's reason.
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
  /** Why it ended before its answer was whole. */
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
   * Before it lie a login, a TLS handshake and a wait for a free connection: time enough for a Lease to pass to another,
   * most of all for a process that was stopped there and goes on a minute later.
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

  /** Also while it still waits for a connection: then it is not sent when its turn comes. */
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

/** It got no answer in its time. */
class Late extends Error {
  override readonly name = 'TimeoutError'

  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`)
  }
}

/** It was not sent. */
class Withheld extends Error {
  override readonly name = 'Withheld'

  constructor() {
    super('the call was no longer to be made when its connection was there')
  }
}
