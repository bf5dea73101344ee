import { Agent, type RequestOptions } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import { checkServerIdentity, createSecureContext, type PeerCertificate } from 'node:tls'
import { certificatesIn, derOf } from '../certificate-pem.ts'
import type { Credentials } from './credentials.ts'

/** 64 CSRs in progress, the webhook's reads, and a watch for each list. */
const CONNECTIONS_MAX = 96
/** Shorter than the API server's own 90 s, so that it does not close a connection that is about to be used. */
const IDLE_MS = 60_000
/** Longest life of a connection, so that rotated server certificates are seen and load is balanced again. */
const CONNECTION_AGE_MS = 3_600_000
/** TCP keep-alive finds a half-open connection under a silent watch before the silence limit of the watch does. */
const TCP_PROBE_AFTER_MS = 15_000

/** A pool of keep-alive connections. It is replaced when the CA, the client certificate or the server name changes. */
export class Connections {
  readonly #saw: (certificate: PeerCertificate) => void
  #pool: { readonly key: string; readonly agent: Pool } | undefined
  #trusted: readonly Buffer[] | null = null
  /** Open watches, and since when. */
  readonly #streams = new Map<Readable, number>()

  /** @param saw called with the verified server certificate of each new TLS session */
  constructor(saw: (certificate: PeerCertificate) => void) {
    this.#saw = saw
  }

  /** The pool for these credentials. */
  for(credentials: Credentials): Agent {
    if (this.#pool?.key !== credentials.connectionKey) {
      this.#pool?.agent.retire()
      this.#pool = { key: credentials.connectionKey, agent: this.#open(credentials) }
      this.#trusted = authoritiesIn(credentials.tls.ca)
    }
    return this.#pool.agent
  }

  /** DER of each CA that connections are verified by. Null: those of the system. The same object until the pool is replaced. */
  trusted(): readonly Buffer[] | null {
    return this.#trusted
  }

  /** Remembers since when a watch is open. */
  follow<T extends Readable>(stream: T): T {
    this.#streams.set(stream, performance.now())
    stream.once('close', () => this.#streams.delete(stream))
    return stream
  }

  /**
   * Closes the idle connections and the watches of before a call that had no answer: the NAT or proxy that forgot its connection
   * without a FIN has forgotten theirs, too.
   * @param sentAt of performance.now()
   */
  closeBefore(sentAt: number): void {
    this.#pool?.agent.closeIdle()
    for (const [stream, openedAt] of this.#streams)
      if (openedAt < sentAt) stream.destroy(new Error('a later call had no answer'))
  }

  /** Closes all connections at once. Calls in progress fail. */
  close(): void {
    this.#pool?.agent.destroy()
    this.#pool = undefined
  }

  #open({ tls: { servername, rejectUnauthorized, ...material }, proxy }: Credentials): Pool {
    return new Pool({
      // One for all: without it, each connection makes its own, of 300 KiB, and each call compares the certificates.
      secureContext: createSecureContext(material),
      ...(servername !== undefined && { servername }),
      ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
      keepAlive: true,
      maxSockets: CONNECTIONS_MAX,
      maxFreeSockets: CONNECTIONS_MAX,
      timeout: IDLE_MS,
      // A resumed session does not show its certificate.
      maxCachedSessions: 0,
      checkServerIdentity: (host: string, certificate: PeerCertificate) => {
        const fault = checkServerIdentity(host, certificate)
        if (fault === undefined) this.#saw(certificate)
        return fault
      },
      ...(proxy !== null && { proxyEnv: { HTTPS_PROXY: proxy } }),
    })
  }
}

function authoritiesIn(pem: Buffer | string | undefined): Buffer[] | null {
  if (pem === undefined) return null
  return certificatesIn(pem.toString('latin1')).map(derOf)
}

/** An agent whose connections have a longest life. */
class Pool extends Agent {
  /** When the first answer on a connection was complete. */
  readonly #usedSince = new WeakMap<Duplex, number>()
  #retired = false

  /** Calls in progress finish on their connections, which close then. */
  retire(): void {
    this.#retired = true
    this.closeIdle()
  }

  closeIdle(): void {
    for (const idle of Object.values(this.freeSockets)) for (const socket of idle ?? []) socket.destroy()
  }

  /** Which connections may serve a call: all of a pool are alike but for where they lead. Node.js names each TLS option, for each call. */
  override getName({ host, port }: RequestOptions = {}): string {
    return `${host}:${port}`
  }

  /** Called by node:http when an answer is complete. False closes the connection. */
  override keepSocketAlive(socket: Duplex): boolean {
    const now = performance.now()
    const usedSince = this.#usedSince.get(socket) ?? now
    this.#usedSince.set(socket, usedSince)
    if (this.#retired || now - usedSince > CONNECTION_AGE_MS) return false
    // The server may ask for a connection to be closed. @types/node does not know that.
    const kept: unknown = super.keepSocketAlive(socket)
    return kept !== false
  }
}

/** Makes the kernel find out when the other end is gone, also under an answer that is never complete: a watch. */
export function probe(socket: Socket): void {
  socket.setKeepAlive(true, TCP_PROBE_AFTER_MS)
}
