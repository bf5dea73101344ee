import { X509Certificate } from 'node:crypto'
import { quoted } from '../../policies/text.ts'
import type { Authorities, SharedCa } from '../ports.ts'
import type { Certificate } from './certificate.ts'
import { nameText } from './mismatches.ts'

interface Issuer {
  readonly text: string
  /** DER of a certificate that it signed. */
  readonly sample: Uint8Array
  /** When its newest certificate begins. */
  newest: number
}

/** One, and another while a CA is replaced. */
const ISSUERS_MAX = 16

/** The CAs that signed kubelet-serving certificates, told apart by name and key identifier. */
export class Issuers {
  readonly #authorities: () => Authorities
  readonly #byKey = new Map<string, Issuer>()
  #answered:
    | { readonly authorities: Authorities; readonly issuer: Issuer; readonly answer: SharedCa }
    | undefined

  /** @param authorities returns the same object until it changes */
  constructor(authorities: () => Authorities) {
    this.#authorities = authorities
  }

  /** Notes who signed a certificate. Why that is a mismatch, null if others were signed by the same CA or none was before. */
  note({ issuer, issuerKeyId, notBefore }: Certificate, der: Uint8Array): string | null {
    const text = `${quoted(nameText(issuer))} (key ${issuerKeyId || 'not named'})`
    const known = this.#byKey.get(text)
    if (known !== undefined) {
      known.newest = Math.max(known.newest, notBefore)
      return null
    }
    const before = this.#current()
    if (this.#byKey.size < ISSUERS_MAX) this.#byKey.set(text, { text, sample: der, newest: notBefore })
    return before === undefined ? null : `it is signed by ${text}, others were by ${before.text}`
  }

  /** Whether the CA that signed the newest certificate also verifies the API server, whose place its certificates could take. */
  sharedCa(): SharedCa {
    const [authorities, issuer] = [this.#authorities(), this.#current()]
    if (issuer === undefined) return 'unknown'
    if (this.#answered?.authorities !== authorities || this.#answered.issuer !== issuer)
      this.#answered = { authorities, issuer, answer: sharedCaOf(issuer.sample, authorities) }
    return this.#answered.answer
  }

  #current(): Issuer | undefined {
    let current: Issuer | undefined
    for (const issuer of this.#byKey.values())
      if (current === undefined || issuer.newest > current.newest) current = issuer
    return current
  }
}

function sharedCaOf(sample: Uint8Array, { trusted, chain }: Authorities): SharedCa {
  const certificate = opened(sample)
  if (certificate === null) return 'unknown'
  const known = [...(trusted ?? []), ...chain]
  if (known.some((authority) => isSignedBy(certificate, authority))) return 'true'
  return trusted === null || trusted.length === 0 ? 'unknown' : 'false'
}

/** Null if OpenSSL cannot read it. */
function opened(der: Uint8Array): X509Certificate | null {
  try {
    return new X509Certificate(der)
  } catch {
    return null
  }
}

function isSignedBy(certificate: X509Certificate, der: Buffer): boolean {
  const authority = opened(der)
  if (authority === null) return false
  try {
    return certificate.verify(authority.publicKey)
  } catch {
    return false // A key of a kind that node:crypto does not verify with, or that did not make this kind of signature.
  }
}
