import { isIP } from 'node:net'
import type { PeerCertificate } from 'node:tls'

/** What the API server calls itself: none of it may ever be a node's. */
export interface ApiServerNames {
  /** Host of the URL we use: a name in lower case, or an address as text without brackets. */
  readonly host: string
  /** DNS names of its serving certificates, lower case; may hold wildcards. */
  readonly certificateNames: readonly string[]
  /** Their addresses as text, in any of its forms. */
  readonly certificateAddresses: readonly string[]
}

interface AltNames {
  readonly names: readonly string[]
  readonly addresses: readonly string[]
}

/** A load balancer in front of more API servers than this is not known. */
const REMEMBERED_MAX = 16
/** Connections are opened anew each hour, so what no session showed for a day is gone. */
const REMEMBERED_MS = 24 * 3_600_000

/** Certificates that API servers showed in verified TLS sessions, by fingerprint, the latest last. */
export class ServerCertificates {
  readonly #seen = new Map<string, AltNames & { readonly seenAt: number }>()
  #names: AltNames = { names: [], addresses: [] }

  saw(certificate: Pick<PeerCertificate, 'fingerprint256' | 'subjectaltname'>, now: number): void {
    this.#seen.delete(certificate.fingerprint256)
    this.#seen.set(certificate.fingerprint256, {
      ...parseAltNames(certificate.subjectaltname ?? ''),
      seenAt: now,
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
  }

  /** The same object while nothing was seen. */
  names(): AltNames {
    return this.#names
  }
}

/**
 * Reads Node's text form of a subjectAltName, such as `DNS:kubernetes, IP Address:10.96.0.1`. A value that could be
 * taken for the list's own punctuation is in JSON quotes (CVE-2021-44532), so it is never split at a bare comma.
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
