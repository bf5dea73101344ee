import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server, Socket } from 'node:net'
import { parseAddress, unmapped } from '../policies/address.ts'
import type { Address } from '../policies/types.ts'

/** How many connections a server holds. */
export interface ConnectionLimits {
  readonly total: number
  /** Of one source: an IPv4 address, or an IPv6 network of 64 bits, since whoever has one address there has them all. */
  readonly perSource: number
}

/**
 * Closes what would take a server from its callers. At a limit the newest connection is served, and one that is idle is
 * closed instead: of the source with the most connections, the one that has not been answered for the longest. A request
 * that arrives too slowly is cut, and so is an answer that nobody reads. A connection on which nothing was sent is neither:
 * API servers keep such ones to spare.
 */
export function limitConnections(server: Server, limits: ConnectionLimits): void {
  const connections = new Connections(limits)
  server.on('connection', (socket: Socket) => connections.open(socket))
  server.on('secureConnection', (session: Socket) => connections.secure(session))
  // Before the listener that answers.
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) =>
    connections.request(request, response),
  )
  const timer = setInterval(() => connections.sweep(), SWEEP_MS).unref()
  server.on('close', () => clearInterval(timer))
}

const SWEEP_MS = 1_000
/**
 * A request may take this many sweeps from its first byte to the end of its head, then to the end of its body, then until
 * its answer is read: an API server sends it at once, and a decision takes 2.5 s at most. Sweeps are counted rather than
 * time, so that nobody is cut because this process stood still.
 */
const SWEEPS_MAX = 5

interface Connection {
  readonly source: string
  readonly peer: string
  /** Closing it closes a TLS session on it, too. */
  readonly socket: Socket
  /** What requests are read from: the socket, or the TLS session on it. */
  reader: Socket
  /** Bytes read when it was last idle. */
  readWhenIdle: number
  /** The request that is being read or answered. */
  exchange: IncomingMessage | null
  seen: Phase
  /** Sweeps that saw the same phase of the same request. */
  sweeps: number
}

type Phase = 'idle' | 'arriving' | 'answering'

class Connections {
  readonly #limits: ConnectionLimits
  /** By source; of each source in the order in which they were last used. */
  readonly #sources = new Map<string, Set<Connection>>()
  /** A TLS session does not show the socket that it is on. */
  readonly #byPeer = new Map<string, Connection>()

  constructor(limits: ConnectionLimits) {
    this.#limits = limits
  }

  open(socket: Socket): void {
    const [peer, source] = [peerOf(socket), sourceOf(socket)]
    this.#makeRoom(source)
    const connection: Connection = {
      source,
      peer,
      socket,
      reader: socket,
      readWhenIdle: 0,
      exchange: null,
      seen: 'idle',
      sweeps: 0,
    }
    this.#byPeer.set(peer, connection)
    this.#use(connection)
    socket.once('close', () => this.#forget(connection))
  }

  secure(session: Socket): void {
    const connection = this.#byPeer.get(peerOf(session))
    if (connection === undefined) return
    connection.reader = session
    this.#rest(connection)
  }

  request(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#byPeer.get(peerOf(request.socket))
    if (connection === undefined) return
    this.#rest(connection)
    connection.exchange = request
    response.once('close', () => {
      // Of pipelined requests, the last counts.
      if (connection.exchange !== request) return
      this.#rest(connection)
      if (!connection.socket.destroyed) this.#use(connection)
    })
  }

  sweep(): void {
    for (const connection of this.#byPeer.values()) {
      const phase = phaseOf(connection)
      connection.sweeps = phase === connection.seen ? connection.sweeps + 1 : 0
      connection.seen = phase
      if (phase !== 'idle' && connection.sweeps >= SWEEPS_MAX) this.#close(connection)
    }
  }

  #rest(connection: Connection): void {
    connection.exchange = null
    connection.readWhenIdle = connection.reader.bytesRead
    connection.seen = 'idle'
    connection.sweeps = 0
  }

  /** Makes it the last of its source that is closed. */
  #use(connection: Connection): void {
    const own = this.#sources.get(connection.source) ?? new Set()
    own.delete(connection)
    own.add(connection)
    this.#sources.set(connection.source, own)
  }

  #makeRoom(source: string): void {
    const own = this.#sources.get(source)
    if (own !== undefined && own.size >= this.#limits.perSource) this.#close(mostIdle([own]))
    else if (this.#byPeer.size >= this.#limits.total) this.#close(mostIdle([...this.#sources.values()]))
  }

  #close(connection: Connection | undefined): void {
    if (connection === undefined) return
    this.#forget(connection)
    connection.socket.destroy()
  }

  #forget(connection: Connection): void {
    const own = this.#sources.get(connection.source)
    if (own?.delete(connection) !== true) return
    if (own.size === 0) this.#sources.delete(connection.source)
    this.#byPeer.delete(connection.peer)
  }
}

/** Of the largest source that has one, the first connection without a request to answer; else simply the first. */
function mostIdle(sources: readonly Set<Connection>[]): Connection | undefined {
  const bySize = sources.toSorted((one, other) => other.size - one.size)
  for (const own of bySize) {
    for (const connection of own) if (connection.exchange?.complete !== true) return connection
  }
  return bySize[0]?.values().next().value
}

function phaseOf({ exchange, reader, readWhenIdle }: Connection): Phase {
  if (exchange !== null) return exchange.complete ? 'answering' : 'arriving'
  return reader.bytesRead > readWhenIdle ? 'arriving' : 'idle'
}

function peerOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`
}

/** What is not an address is a source of its own. */
function sourceOf(socket: Socket): string {
  const address = callerAddress(socket)
  if (address === undefined) return socket.remoteAddress ?? ''
  return address.length === 8 ? address : address.slice(0, 16)
}

/** Where a connection comes from, without the zone; an IPv4-mapped address as IPv4. Undefined once it is closed. */
export function callerAddress({ remoteAddress = '' }: Pick<Socket, 'remoteAddress'>): Address | undefined {
  const parsed = parseAddress(remoteAddress.replace(/%.*$/u, ''))
  return parsed === undefined ? undefined : unmapped(parsed)
}
