import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  X509Certificate,
} from 'node:crypto'
import { parseAddress } from '../../policies/address.ts'
import { parseAltNames } from '../alt-names.ts'
import { writeCertificate } from '../der/certificate-writer.ts'

/** A certificate with its key, as PEM. Times are milliseconds since the epoch. */
interface Certified {
  /** SHA-256 of the certificate, lower-case hex. */
  readonly id: string
  readonly certificate: string
  readonly key: string
  readonly notBefore: number
  readonly notAfter: number
}

/** A CA that this service issued. */
export type Authority = Certified
/** A CA without its key: it can be trusted, but cannot sign. */
export type TrustedAuthority = Omit<Certified, 'key'>

/** A serving certificate that this service issued. */
export interface Leaf extends Certified {
  /** The id of the CA that signed it, or null if that CA is not known. */
  readonly issuer: string | null
  /** DNS names and IP addresses as text. IPv6 addresses may have any text form. */
  readonly names: readonly string[]
}

/** Lifetimes of certificates, in milliseconds. */
export interface Lifetimes {
  readonly authority: number
  readonly leaf: number
}

const DAY_MS = 24 * 60 * 60 * 1000
export const LIFETIMES: Lifetimes = { authority: 5 * 365 * DAY_MS, leaf: 90 * DAY_MS }

/** Certificates are valid from one hour ago, so that API servers whose clock is behind accept them. */
export const BACKDATE_MS = 60 * 60 * 1000

const NAME = 'kubelet-csr-gate'

/** Issues a CA with a unique subject, so that a bundle with several CAs is never ambiguous. */
export function issueAuthority(now: number, lifetimes: Lifetimes = LIFETIMES): Authority {
  const keys = newKeys()
  const subject = `${NAME} CA ${randomBytes(8).toString('hex')}`
  const certificate = writeCertificate(
    {
      subject,
      issuer: subject,
      ...validity(now, lifetimes.authority),
      publicKey: keys.publicKey,
      role: { kind: 'authority' },
    },
    keys.privateKey,
  )
  return { ...trusted(certificate), key: pemOf(keys.privateKey) }
}

/** Issues a serving certificate for `names`. It does not outlive its CA. */
export function issueLeaf(
  authority: Authority,
  names: readonly string[],
  now: number,
  lifetimes: Lifetimes = LIFETIMES,
): Leaf {
  const keys = newKeys()
  const certificate = writeCertificate(
    {
      subject: NAME,
      issuer: commonName(authority),
      ...validity(now, Math.min(lifetimes.leaf, authority.notAfter - now)),
      publicKey: keys.publicKey,
      role: { kind: 'server', names },
    },
    createPrivateKey(authority.key),
  )
  return { ...trusted(certificate), key: pemOf(keys.privateKey), issuer: authority.id, names }
}

/** Reads a CA certificate from PEM. Null for anything else. */
export function readTrusted(certificate: string): TrustedAuthority | null {
  const parsed = parse(certificate)
  return parsed?.ca === true ? trusted(certificate) : null
}

/** Reads a CA and its key. Null if the key does not match. */
export function readAuthority(certificate: string, key: string): Authority | null {
  const authority = readTrusted(certificate)
  return authority !== null && belongTogether(certificate, key) ? { ...authority, key } : null
}

/** Reads a serving certificate and its key, and finds its issuer in `authorities`. Null if the key does not match. */
export function readLeaf(
  certificate: string,
  key: string,
  authorities: readonly TrustedAuthority[],
): Leaf | null {
  const parsed = parse(certificate)
  if (parsed === null || parsed.ca || !belongTogether(certificate, key)) return null
  const { names, addresses } = parseAltNames(parsed.subjectAltName)
  const issuer = authorities.find((authority) =>
    isIssuedBy(parsed, new X509Certificate(authority.certificate)),
  )
  return { ...trusted(certificate), key, issuer: issuer?.id ?? null, names: [...names, ...addresses] }
}

/** Whether `names` includes all of `required`. Addresses are compared by their octets. */
export function covers(names: readonly string[], required: readonly string[]): boolean {
  const present = new Set(names.map(canonical))
  return required.every((name) => present.has(canonical(name)))
}

function canonical(name: string): string {
  return parseAddress(name) ?? name.toLowerCase()
}

function validity(now: number, lifetime: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now - BACKDATE_MS), notAfter: new Date(now + lifetime) }
}

function newKeys(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function trusted(certificate: string): TrustedAuthority {
  const parsed = new X509Certificate(certificate)
  return {
    id: parsed.fingerprint256.replaceAll(':', '').toLowerCase(),
    certificate,
    notBefore: parsed.validFromDate.getTime(),
    notAfter: parsed.validToDate.getTime(),
  }
}

function commonName({ certificate }: TrustedAuthority): string {
  return new X509Certificate(certificate).subject.replace(/^CN=/, '')
}

function parse(certificate: string): X509Certificate | null {
  try {
    return new X509Certificate(certificate)
  } catch {
    return null
  }
}

function belongTogether(certificate: string, key: string): boolean {
  try {
    const own = createPublicKey(createPrivateKey(key))
    return own.equals(new X509Certificate(certificate).publicKey)
  } catch {
    return false
  }
}

function isIssuedBy(leaf: X509Certificate, authority: X509Certificate): boolean {
  return leaf.checkIssued(authority) && leaf.verify(authority.publicKey)
}
