import { createSecureContext, type SecureContext } from 'node:tls'

interface TrustDependencies {
  /** PEM certificates of the CA that the API server is verified by; null if there are none. May reject. */
  readonly clusterCa: () => Promise<string | null>
  /** PEM certificates of a CA of kubelets, if it is another. */
  readonly kubeletCa: () => string | null
}

/**
 * All that a kubelet speaks (Go's crypto/tls), and nothing that lets the peer choose how much we compute: a group of 8,192
 * bits for DHE costs 20 ms.
 */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  ...['ECDHE-ECDSA-', 'ECDHE-RSA-', ''].flatMap((exchange) =>
    ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'AES128-SHA', 'AES256-SHA'].map((cipher) => exchange + cipher),
  ),
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')
const GROUPS = 'X25519:P-256:P-384:P-521'

/**
 * The CAs whose kubelet certificates count. They may be rotated, so each dial has them read again, for the dials after it: a
 * login that hangs delays none but the first.
 */
export class Trust {
  readonly #dependencies: TrustDependencies
  #clusterCa: string | null = null
  #built: { readonly ca: string; readonly context: SecureContext } | undefined
  #reading: Promise<SecureContext> | undefined

  constructor(dependencies: TrustDependencies) {
    this.#dependencies = dependencies
  }

  async context(): Promise<SecureContext> {
    this.#reading ??= this.#read()
    return this.#built?.context ?? (await this.#reading)
  }

  async #read(): Promise<SecureContext> {
    try {
      this.#clusterCa = await this.#dependencies.clusterCa()
    } catch {
      // A login failed, which calls to the API server tell. The CA of the last one still counts.
    }
    this.#reading = undefined
    const ca = [this.#clusterCa, this.#dependencies.kubeletCa()].filter((pem) => pem !== null).join('\n')
    if (this.#built?.ca !== ca) this.#built = { ca, context: contextOf(ca) }
    return this.#built.context
  }
}

function contextOf(ca: string): SecureContext {
  return createSecureContext({
    // An empty list trusts nobody. Without a list, every public CA would count.
    ca: ca === '' ? [] : ca,
    // The signer's CA may be an intermediate one.
    allowPartialTrustChain: true,
    minVersion: 'TLSv1.2',
    ciphers: CIPHERS,
    ecdhCurve: GROUPS,
  })
}
