import type { DetailedPeerCertificate, PeerCertificate } from 'node:tls'
import { type AltNames, parseAltNames } from '../alt-names.ts'

/** The names and addresses of the API server. No node may get them. */
export interface ApiServerNames {
  /** Host of the URL that we use: a lower-case name, or an address without brackets. */
  readonly host: string
  /** DNS names in its serving certificates, in lower case. May include wildcards. */
  readonly certificateNames: readonly string[]
  /** IP addresses in its serving certificates, in any text form. */
  readonly certificateAddresses: readonly string[]
}

type Names = Pick<AltNames, 'names' | 'addresses'>

/** Certificates that are kept. No known load balancer has more API servers behind it. */
const REMEMBERED_MAX = 16
/** Connections are renewed each hour, so a certificate that was not seen for a day is gone. */
const REMEMBERED_MS = 24 * 3_600_000

interface Seen extends Names {
  readonly seenAt: number
  readonly issuers: readonly Buffer[]
}

/** No chain is longer: OpenSSL's own limit is 100, and clusters have two or three. */
const CHAIN_MAX = 8

/** What is shown by certificates that API servers used in verified TLS sessions. */
export class ServerCertificates {
  /** By fingerprint, the last seen last. */
  readonly #seen = new Map<string, Seen>()
  #names: Names = { names: [], addresses: [] }
  #issuers: readonly Buffer[] = []

  /** @param now monotonic time in milliseconds */
  saw(certificate: Shown, now: number): void {
    this.#seen.delete(certificate.fingerprint256)
    this.#seen.set(certificate.fingerprint256, {
      ...parseAltNames(certificate.subjectaltname),
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
  names(): Names {
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
