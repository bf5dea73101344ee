import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { Agent, type Dispatcher, ProxyAgent } from 'undici'
import type { Credentials } from './credentials.ts'

/** 64 CSRs being approved, the webhook’s look-ups beside them, and a watch for each list. */
const CONNECTIONS_MAX = 96
const CONNECT_TIMEOUT_MS = 5_000
/** Shorter than the API server's own 90 s, so that it never closes a connection that we are about to use. */
const IDLE_MS = 60_000
/** Rotated server certificates are seen, and load is spread over API servers again, at least this often. */
const CONNECTION_AGE_MS = 3_600_000
/** Probes find a component-open connection under a silent watch before the watchdog does. */
const TCP_PROBE_AFTER_MS = 15_000

/** One pool of keep-alive connections, exchanged for another when CA, client certificate or names change. */
export class Connections {
  readonly #saw: (certificate: PeerCertificate) => void
  #pool: { readonly key: string; readonly dispatcher: Dispatcher } | undefined

  /** @param saw is told the certificate of each new TLS session, after it was verified */
  constructor(saw: (certificate: PeerCertificate) => void) {
    this.#saw = saw
  }

  for(credentials: Credentials): Dispatcher {
    if (this.#pool?.key !== credentials.connectionKey) {
      // Calls under way end on the old connections; nothing new starts there.
      if (this.#pool !== undefined) void this.#pool.dispatcher.close()
      this.#pool = { key: credentials.connectionKey, dispatcher: this.#open(credentials) }
    }
    return this.#pool.dispatcher
  }

  /** Ends all connections at once, and the calls on them. */
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
      // A resumed session would not show its certificate, and HTTP/2 would put every watch on one connection.
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
