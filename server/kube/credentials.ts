import { createHash } from 'node:crypto'
import type { RequestOptions } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js'

/** What one call presents, read a moment ago. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>
  readonly tls: TlsMaterial
  readonly proxy: string | null
  /** The same for two credentials that may share a connection: a hash of CA, client certificate, key, names and proxy. */
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

/** Files are read again after this long: a rotated token or CA is used within a second, a burst of calls reads once. */
const FRESH_MS = 1_000

/**
 * The credentials of a kubeconfig or service account, whatever its kind of login. Rotated CA and key files are honoured
 * on their own; a token or a login that the API server refuses is read again from the start by {@link renew}.
 */
export class CredentialSource {
  readonly #load: () => KubeConfig
  #config: KubeConfig
  #current: { readonly promise: Promise<Credentials>; readonly readAt: number } | undefined
  #renewedAt = -Infinity

  /** @param load reads the configuration from its files; called at once, and after a refusal */
  constructor(load: () => KubeConfig) {
    this.#load = load
    this.#config = load()
  }

  /** The URL of the API server, as configured. */
  get server(): string {
    return this.#config.getCurrentCluster()?.server ?? ''
  }

  /** @throws Error when a file cannot be read or a login fails */
  async current(): Promise<Credentials> {
    const now = performance.now()
    if (this.#current === undefined || now - this.#current.readAt > FRESH_MS) {
      this.#current = { promise: readCredentials(this.#config), readAt: now }
    }
    return await this.#current.promise
  }

  /**
   * After the API server refused `used` with 401: whether there is something newer to try. Loads everything afresh,
   * at most once a second, since the library keeps a token for 60 s and a login for as long as it claims to last.
   * @throws Error when a file cannot be read or a login fails
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
    // A token file ends in a newline more often than not, which no header may hold.
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
