import { isIP } from 'node:net'
import type { DetailedPeerCertificate, PeerCertificate } from 'node:tls'

/** The names and addresses of the API server. No node may get them. */
export interface ApiServerNames {
  /** Host of the URL that we use: a lower-case name, or an address without brackets. */
  readonly host: string
  /** DNS names in its serving certificates, in lower case. May include wildcards. */
  readonly certificateNames: readonly string[]
  /** IP addresses in its serving certificates, in any text form. */
  readonly certificateAddresses: readonly string[]
}

interface AltNames {
  readonly names: readonly string[]
  readonly addresses: readonly string[]
}

/** Certificates that are kept. No known load balancer has more API servers behind it. */
const REMEMBERED_MAX = 16
/** Connections are renewed each hour, so a certificate that was not seen for a day is gone. */
const REMEMBERED_MS = 24 * 3_600_000

interface Seen extends AltNames {
  readonly seenAt: number
  readonly issuers: readonly Buffer[]
}

/** No chain is longer: OpenSSL's own limit is 100, and clusters have two or three. */
const CHAIN_MAX = 8

/** What is shown by certificates that API servers used in verified TLS sessions. */
export class ServerCertificates {
  /** By fingerprint, the last seen last. */
  readonly #seen = new Map<string, Seen>()
  #names: AltNames = { names: [], addresses: [] }
  #issuers: readonly Buffer[] = []

  /** @param now monotonic time in milliseconds */
  saw(certificate: Shown, now: number): void {
    this.#seen.delete(certificate.fingerprint256)
    this.#seen.set(certificate.fingerprint256, {
      ...parseAltNames(certificate.subjectaltname ?? ''),
      seenAt: now,
      issuers: issuersOf(certificate),
    })
    for (const [fingerprint, { seenAt }] of this.#seen) {
      const old = now - seenAt > REMEMBERED_MS
      if (old || this.#seen.size > REMEMBERED_MAX) this.#seen.delete(fingerprint)
    }
    const seen = [...this.#seen.values()]
    this.#names = {
      names: [...new Set(seen.flatMap(({ names }) => names))],
      addresses: [...new Set(seen.flatMap(({ addresses }) => addresses))],
    }
    this.#issuers = seen.flatMap(({ issuers }) => issuers)
  }

  /** The names of all kept certificates. Returns the same object until `saw` is called. */
  names(): AltNames {
    return this.#names
  }

  /** DER of the CAs above all kept certificates. Returns the same object until `saw` is called. */
  issuers(): readonly Buffer[] {
    return this.#issuers
  }
}

type Shown = Pick<PeerCertificate, 'fingerprint256' | 'subjectaltname'> &
  Partial<Pick<DetailedPeerCertificate, 'issuerCertificate'>>

/** The certificates above it in the verified chain. Above the root is the root again. */
function issuersOf({ fingerprint256, issuerCertificate }: Shown): Buffer[] {
  const chain = new Map([[fingerprint256, Buffer.of()]])
  let next = issuerCertificate
  while (next?.raw !== undefined && !chain.has(next.fingerprint256) && chain.size <= CHAIN_MAX) {
    chain.set(next.fingerprint256, next.raw)
    next = next.issuerCertificate
  }
  return [...chain.values()].slice(1)
}

/**
 * Parses the text form of a subjectAltName in Node.js, such as `DNS:kubernetes, IP Address:10.96.0.1`. A value with
 * special characters is in JSON quotes (CVE-2021-44532), so it is not split at its commas.
 */
export function parseAltNames(text: string): AltNames {
  const names: string[] = []
  const addresses: string[] = []
  for (const [, kind = '', quoted, bare = ''] of text.matchAll(
    /([A-Za-z0-9 ]+):(?:("(?:[^"\\]|\\.)*")|([^,"]*))(?:, |$)/gu,
  )) {
    const value = quoted === undefined ? bare : String(JSON.parse(quoted))
    if (kind === 'DNS') names.push(value.toLowerCase())
    else if (kind === 'IP Address' && isIP(value) !== 0) addresses.push(value.toLowerCase())
  }
  return { names, addresses }
}
