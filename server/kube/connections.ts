import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { Agent, type Dispatcher, ProxyAgent } from 'undici'
import type { Credentials } from './credentials.ts'

/** 64 CSRs in progress, the webhook's reads, and a watch for each list. */
const CONNECTIONS_MAX = 96
const CONNECT_TIMEOUT_MS = 5_000
/** Shorter than the API server's own 90 s, so that it does not close a connection that is about to be used. */
const IDLE_MS = 60_000
/** Longest life of a connection, so that rotated server certificates are seen and load is balanced again. */
const CONNECTION_AGE_MS = 3_600_000
/** TCP keep-alive finds a half-open connection under a silent watch before the silence limit of the watch does. */
const TCP_PROBE_AFTER_MS = 15_000

/** A pool of keep-alive connections. It is replaced when the CA, the client certificate or the server name changes. */
export class Connections {
  readonly #saw: (certificate: PeerCertificate) => void
  #pool: { readonly key: string; readonly dispatcher: Dispatcher } | undefined

  /** @param saw called with the verified server certificate of each new TLS session */
  constructor(saw: (certificate: PeerCertificate) => void) {
    this.#saw = saw
  }

  /** The pool for these credentials. */
  for(credentials: Credentials): Dispatcher {
    if (this.#pool?.key !== credentials.connectionKey) {
      // Calls in progress finish on the old connections, new calls use the new pool.
      if (this.#pool !== undefined) void this.#pool.dispatcher.close()
      this.#pool = { key: credentials.connectionKey, dispatcher: this.#open(credentials) }
    }
    return this.#pool.dispatcher
  }

  /** Closes all connections at once. Calls in progress fail. */
  async close(): Promise<void> {
    const pool = this.#pool
    this.#pool = undefined
    await pool?.dispatcher.destroy()
  }

  #open({ tls, proxy }: Credentials): Dispatcher {
    const connect = {
      ...tls,
      timeout: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelay: TCP_PROBE_AFTER_MS,
      // A resumed session does not show its certificate, and HTTP/2 would put all watches on one connection.
      maxCachedSessions: 0,
      allowH2: false,
      checkServerIdentity: (host: string, certificate: PeerCertificate) => {
        const fault = checkServerIdentity(host, certificate)
        if (fault === undefined) this.#saw(certificate)
        return fault
      },
    }
    const options = {
      connections: CONNECTIONS_MAX,
      keepAliveTimeout: IDLE_MS,
      clientTtl: CONNECTION_AGE_MS,
      allowH2: false,
    }
    if (proxy === null) return new Agent({ ...options, connect })
    return new ProxyAgent({ ...options, uri: proxy, requestTls: connect })
  }
}
