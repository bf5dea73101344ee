import { createHash } from 'node:crypto'
import type { OutgoingHttpHeaders } from 'node:http'
import type { RequestOptions } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import type { Impersonation } from '../ports.ts'

/** The credentials of a call, at most one second old. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>
  readonly tls: TlsMaterial
  readonly proxy: string | null
  /** Equal for credentials that may share a connection: a hash of CA, client certificate, key, server name and proxy. */
  readonly connectionKey: string
}

interface TlsMaterial {
  readonly ca?: Buffer | string
  readonly cert?: Buffer | string
  readonly key?: Buffer | string
  readonly passphrase?: string
  readonly servername?: string
  readonly rejectUnauthorized?: boolean
}

/** How long credentials are cached. A rotated CA is used within a second, and a burst of calls reads the files once. */
const FRESH_MS = 1_000

/**
 * Provides the credentials of a kubeconfig or service account, for every kind of login. Rotated CA and key files are
 * read again by themselves. If the API server refuses a token or a login, {@link renew} loads everything again.
 */
export class CredentialSource {
  readonly #load: () => KubeConfig
  #config: KubeConfig
  #current: { readonly promise: Promise<Credentials>; readonly readAt: number } | undefined
  #renewedAt = -Infinity

  /** @param load reads the configuration from its files. Called at once, and after the API server refused credentials. */
  constructor(load: () => KubeConfig) {
    this.#load = load
    this.#config = load()
  }

  /** The URL of the API server, as configured. */
  get server(): string {
    return this.#config.getCurrentCluster()?.server ?? ''
  }

  /** The current credentials. @throws Error if a file cannot be read or a login fails */
  async current(): Promise<Credentials> {
    const now = performance.now()
    if (this.#current === undefined || now - this.#current.readAt > FRESH_MS) {
      this.#current = { promise: readCredentials(this.#config), readAt: now }
    }
    return await this.#current.promise
  }

  /**
   * Called after the API server refused `used` with 401. Returns whether there are newer credentials to try. Loads
   * everything again, at most once a second, since the library caches a token for 60 s and a login until it expires.
   * @throws Error if a file cannot be read or a login fails
   */
  async renew(used: Credentials): Promise<boolean> {
    const now = performance.now()
    if (now - this.#renewedAt > FRESH_MS) {
      this.#renewedAt = now
      this.#config = this.#load()
      this.#current = undefined
    }
    const newer = await this.current()
    return (
      newer.connectionKey !== used.connectionKey ||
      newer.headers['authorization'] !== used.headers['authorization']
    )
  }
}

async function readCredentials(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  const tls = pickTls(options)
  const proxy = config.getCurrentCluster()?.proxyUrl ?? null
  return { headers: readHeaders(options), tls, proxy, connectionKey: hashOf(tls, proxy) }
}

function readHeaders({ headers = {}, auth }: RequestOptions): Record<string, string> {
  const read: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    // A token file often ends with a newline, which is not allowed in a header.
    if (typeof value === 'string') read[name.toLowerCase()] = value.trim()
  }
  if (typeof auth === 'string') read['authorization'] = `Basic ${Buffer.from(auth).toString('base64')}`
  return read
}

function pickTls(options: RequestOptions): TlsMaterial {
  const { ca, cert, key, passphrase, servername, rejectUnauthorized } = options
  return {
    ...(isMaterial(ca) && { ca }),
    ...(isMaterial(cert) && { cert }),
    ...(isMaterial(key) && { key }),
    ...(passphrase !== undefined && { passphrase }),
    ...(servername !== undefined && { servername }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
  }
}

function isMaterial(value: unknown): value is Buffer | string {
  return typeof value === 'string' || Buffer.isBuffer(value)
}

function hashOf(tls: TlsMaterial, proxy: string | null): string {
  const parts = [tls.ca, tls.cert, tls.key, tls.passphrase, tls.servername, tls.rejectUnauthorized, proxy]
  return createHash('sha256')
    .update(JSON.stringify(parts.map((part) => String(part))))
    .digest('hex')
}

/** The headers of a call that impersonates. */
export function impersonation(as: Impersonation | undefined): OutgoingHttpHeaders {
  return as === undefined ? {} : { 'impersonate-user': as.user, 'impersonate-group': [...as.groups] }
}
