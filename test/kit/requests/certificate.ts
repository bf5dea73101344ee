/** Certificates as a signer makes them of a request, with one thing changed to be any other. */
import type { RequestShape } from './request.ts'
import {
  type Bytes,
  ascii,
  bitString,
  boolean,
  bytes,
  explicit,
  implicit,
  integer,
  oid,
  sequence,
  tlv,
} from './der.ts'
import { freshKeys, type Keys, signature, signatureAlgorithm } from './keys.ts'
import { dnsName, extension, ipAddress, nodeSubject, pemOf, rdn, subjectAltName } from './request.ts'

export interface SigningCa {
  readonly keys: Keys
  readonly name: Bytes
  readonly keyId: Bytes
  /** Its own certificate. */
  readonly der: Bytes
}

export interface CertificateShape
  extends Pick<RequestShape, 'commonName' | 'organizations' | 'dnsNames' | 'addresses' | 'otherNames'> {
  /** Whose public key it certifies. */
  readonly keys: Keys
  /** Milliseconds since the epoch. */
  readonly notBefore?: number
  readonly notAfter?: number
  /** The first octet of KeyUsage; null for no such extension. Default digital signature. */
  readonly keyUsage?: number | null
  /** Dotted. Default server auth. */
  readonly extendedKeyUsages?: readonly string[]
  readonly isAuthority?: boolean
  /** Extensions besides these. */
  readonly otherExtensions?: readonly Bytes[]
}

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const YEAR_MS = 365 * 24 * 3_600_000

/** A CA that signs. Two of the same name have different keys. */
export function signingCa(commonName = 'kubernetes'): SigningCa {
  const keys = freshKeys('P-256')
  const name = sequence(rdn(['2.5.4.3', commonName]))
  const keyId = keys.spki.slice(-20)
  const own = { keys, name, keyId, der: bytes() }
  const shape = {
    keys,
    isAuthority: true,
    keyUsage: 0x06,
    extendedKeyUsages: [],
    commonName,
    organizations: [],
  }
  return { ...own, der: certificate({ ...shape, dnsNames: [], addresses: [] }, own) }
}

/** The certificate, as DER. The default is that of an honest kubelet's request: see {@link RequestShape}. */
export function certificate(shape: CertificateShape, ca: SigningCa): Bytes {
  const { keys, notBefore = Date.now() - 300_000, notAfter = Date.now() + YEAR_MS } = shape
  const algorithm = signatureAlgorithm(ca.keys)
  const body = sequence(
    explicit(0, integer(bytes(2))),
    integer(bytes(1)),
    algorithm,
    ca.name,
    sequence(time(notBefore), time(notAfter)),
    sequence(...nodeSubject(shape.commonName, shape.organizations)),
    keys.spki,
    explicit(3, sequence(...extensionsOf(shape, ca))),
  )
  return sequence(body, algorithm, bitString(signature(ca.keys, body)))
}

/** What `status.certificate` holds: base64 of PEM text. */
export function issuedText(...chain: readonly Bytes[]): string {
  return Buffer.from(chain.map((der) => pemOf(der, 'CERTIFICATE')).join('')).toString('base64')
}

function extensionsOf(shape: CertificateShape, ca: SigningCa): Bytes[] {
  const { keyUsage = 0x80, extendedKeyUsages = [SERVER_AUTH], isAuthority = false } = shape
  const names = namesOf(shape)
  const critical = boolean(0xff)
  return [
    ...(keyUsage === null ? [] : [extension('2.5.29.15', usageBits(keyUsage), critical)]),
    ...(extendedKeyUsages.length === 0
      ? []
      : [extension('2.5.29.37', sequence(...extendedKeyUsages.map(oid)))]),
    extension('2.5.29.19', sequence(...(isAuthority ? [critical] : [])), critical),
    extension('2.5.29.35', sequence(implicit(0, ca.keyId))),
    ...(names.length === 0 ? [] : [subjectAltName(...names)]),
    ...(shape.otherExtensions ?? []),
  ]
}

function namesOf({ dnsNames = ['node-1'], addresses = ['10.0.0.1'], otherNames = [] }: CertificateShape) {
  return [...dnsNames.map(dnsName), ...addresses.map(ipAddress), ...otherNames]
}

/** A BIT STRING without trailing zeros, X.690 §11.2.2. */
function usageBits(octet: number): Bytes {
  const unused = octet === 0 ? 0 : 31 - Math.clz32(octet & -octet)
  return bitString(octet === 0 ? bytes() : bytes(octet), unused)
}

/** UTCTime until 2049, GeneralizedTime from 2050 on, RFC 5280 §4.1.2.5. */
function time(ms: number): Bytes {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return digits < '2050' ? tlv(0x17, ascii(digits.slice(2))) : tlv(0x18, ascii(digits))
}
