import { X509Certificate } from 'node:crypto'
import type { Authorities, SharedCa } from '../ports.ts'

/** The CA that signs kubelet-serving certificates, known by the newest certificate that it signed. */
export class SigningCa {
  readonly #authorities: () => Authorities
  #newest: X509Certificate | undefined
  #answered: { newest: X509Certificate; authorities: Authorities; answer: SharedCa } | undefined

  /** @param authorities returns the same object until it changes */
  constructor(authorities: () => Authorities) {
    this.#authorities = authorities
  }

  note(issued: X509Certificate): void {
    if (this.#newest === undefined || issued.validFromDate > this.#newest.validFromDate) this.#newest = issued
  }

  /** Whether it also verifies the API server, whose place its certificates could take. */
  sharedCa(): SharedCa {
    const [newest, authorities] = [this.#newest, this.#authorities()]
    if (newest === undefined) return 'unknown'
    if (this.#answered?.newest !== newest || this.#answered.authorities !== authorities)
      this.#answered = { newest, authorities, answer: sharedCaOf(newest, authorities) }
    return this.#answered.answer
  }
}

function sharedCaOf(certificate: X509Certificate, { trusted, chain }: Authorities): SharedCa {
  const known = [...(trusted ?? []), ...chain]
  if (known.some((authority) => isSignedBy(certificate, authority))) return 'true'
  return trusted === null || trusted.length === 0 ? 'unknown' : 'false'
}

/** Null if OpenSSL cannot read it. */
export function openCertificate(octets: Buffer): X509Certificate | null {
  try {
    return new X509Certificate(octets)
  } catch {
    return null
  }
}

function isSignedBy(certificate: X509Certificate, der: Buffer): boolean {
  const authority = openCertificate(der)
  if (authority === null) return false
  try {
    return certificate.verify(authority.publicKey)
  } catch {
    return false // A key of a kind that node:crypto does not verify with, or that did not make this kind of signature.
  }
}
