import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { type Agent, request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { probe } from './connections.ts'

interface Sending {
  readonly agent: Agent
  readonly host: string
  readonly port: number
  readonly path: string
  readonly method: string
  readonly headers: OutgoingHttpHeaders
  readonly body: string | undefined
  /** Called when the connection is ready, right before the request is written. False prevents that. */
  readonly maySend: (() => boolean) | undefined
  readonly signal: AbortSignal | undefined
  /** Until the last byte of an answer that is read whole; until the headers of a stream. Includes the wait for a connection. */
  readonly timeoutMs: number
}

export interface Exchange extends Sending {
  readonly maxBytes: number
}

export interface Exchanged {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Null if it is larger than `maxBytes`. */
  readonly body: Buffer | null
}

/**
 * Sends a request and reads the whole answer. Rejects with the connection's error, {@link Late}, {@link Withheld} or the
 * signal's reason.
 */
export async function exchange(parts: Exchange): Promise<Exchanged> {
  const { answered, inTime } = send(parts)
  try {
    const response = await answered
    const body = await readWhole(response, parts.maxBytes)
    if (body === null) response.destroy()
    return { status: response.statusCode ?? 0, headers: response.headers, body }
  } finally {
    inTime()
  }
}

export interface Stream {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: IncomingMessage
}

/** Sends a request whose answer is read as a stream, which has no timeout. Rejects as {@link exchange} does. */
export async function openStream(parts: Sending): Promise<Stream> {
  const { answered, inTime } = send(parts)
  try {
    const response = await answered
    return { status: response.statusCode ?? 0, headers: response.headers, body: response }
  } finally {
    inTime()
  }
}

interface Sent {
  readonly answered: Promise<IncomingMessage>
  /** The time limit no longer holds. */
  readonly inTime: () => void
}

function send({ body, maySend, signal, timeoutMs, ...options }: Sending): Sent {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const outgoing = httpsRequest(options)
  let open: ClientRequest | IncomingMessage = outgoing
  const timer = setTimeout(() => open.destroy(new Late(timeoutMs)), timeoutMs)
  const aborted = (): void => void open.destroy(Object(signal?.reason))
  signal?.addEventListener('abort', aborted, { once: true })
  outgoing.once('close', () => signal?.removeEventListener('abort', aborted))
  outgoing.once('response', (response) => {
    open = response
    resolve(response)
  })
  outgoing.on('error', reject)
  outgoing.once('socket', (socket) => {
    whenConnected(socket, () => {
      if (maySend?.() === false) outgoing.destroy(new Withheld())
      else outgoing.end(body)
    })
  })
  if (signal?.aborted === true) aborted()
  return { answered: promise, inTime: () => clearTimeout(timer) }
}

/**
 * Nothing is written before the connection is ready: a login, a TLS handshake and a wait for a free connection come first.
 * The Lease may have passed to another replica in the meantime, above all if the process was suspended.
 */
function whenConnected(socket: Socket, ready: () => void): void {
  if (!('secureConnecting' in socket) || socket.secureConnecting !== true) return ready()
  probe(socket)
  socket.once('secureConnect', ready)
}

/** The exchange timed out. */
export class Late extends Error {
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

/** Reads a whole body, such as an error in place of a stream. Null if it is longer than `maxBytes`. */
export function readWhole(body: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | null>()
  const chunks: Buffer[] = []
  let bytes = 0
  body.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= maxBytes) chunks.push(chunk)
    else resolve(null)
  })
  body.once('end', () => resolve(Buffer.concat(chunks)))
  body.once('error', reject)
  return promise
}
