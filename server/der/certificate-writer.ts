import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'
import { parseAddress } from '../../policies/address.ts'
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  octetString,
  oid,
  rewritten,
  sequence,
  set,
  time,
  toDer,
  utf8String,
  type Written,
} from './write.ts'

/** The content of a certificate. Times are truncated to whole seconds. */
export interface CertificateContent {
  readonly subject: string
  readonly issuer: string
  readonly notBefore: Date
  readonly notAfter: Date
  readonly publicKey: KeyObject
  readonly role:
    | { readonly kind: 'authority' }
    /** DNS names and IP addresses as text, at least one. */
    | { readonly kind: 'server'; readonly names: readonly string[] }
}

const OID = {
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  /** RFC 5758 §3.2: without parameters. */
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const

const VERSION_3 = 2
/** 128 random bits: unique without a counter, and within the 20 octets of RFC 5280 §4.1.2.2. */
const SERIAL_OCTETS = 16
/** KeyUsage, RFC 5280 §4.2.1.3: bit 0 digitalSignature, bit 5 keyCertSign, bit 6 cRLSign. Trailing zeros are omitted. */
const DIGITAL_SIGNATURE = bitString(Uint8Array.of(0b1000_0000), 7)
const CERT_AND_CRL_SIGN = bitString(Uint8Array.of(0b0000_0110), 1)
/** GeneralName, RFC 5280 §4.2.1.6. */
const DNS_NAME = 2
const IP_ADDRESS = 7

/**
 * Writes an X.509 certificate (RFC 5280), signed by the EC P-256 key `issuerKey`. Returns PEM.
 * A CA may sign server certificates but no further CAs (pathLenConstraint 0).
 */
export function writeCertificate(content: CertificateContent, issuerKey: KeyObject): string {
  const algorithm = sequence(oid(OID.ecdsaWithSha256))
  const toBeSigned = sequence(
    explicit(0, integer(Uint8Array.of(VERSION_3))),
    integer(randomBytes(SERIAL_OCTETS)),
    algorithm,
    distinguishedName(content.issuer),
    sequence(time(content.notBefore), time(content.notAfter)),
    distinguishedName(content.subject),
    rewritten(publicKeyInfo(content.publicKey)),
    explicit(3, sequence(...extensions(content, createPublicKey(issuerKey)))),
  )
  const signature = sign('sha256', toDer(toBeSigned), issuerKey)
  return pem('CERTIFICATE', toDer(sequence(toBeSigned, algorithm, bitString(signature))))
}

function distinguishedName(commonName: string): Written {
  return sequence(set(sequence(oid(OID.commonName), utf8String(commonName))))
}

function extensions({ role, publicKey }: CertificateContent, issuerKey: KeyObject): readonly Written[] {
  const identifiers = [
    extension(OID.subjectKeyIdentifier, octetString(keyIdentifier(publicKey))),
    extension(OID.authorityKeyIdentifier, sequence(implicit(0, keyIdentifier(issuerKey)))),
  ]
  if (role.kind === 'authority') {
    const noFurtherAuthority = integer(Uint8Array.of(0))
    return [
      critical(OID.basicConstraints, sequence(boolean(true), noFurtherAuthority)),
      critical(OID.keyUsage, CERT_AND_CRL_SIGN),
      ...identifiers,
    ]
  }
  return [
    critical(OID.basicConstraints, sequence()),
    critical(OID.keyUsage, DIGITAL_SIGNATURE),
    extension(OID.extendedKeyUsage, sequence(oid(OID.serverAuth))),
    extension(OID.subjectAltName, sequence(...role.names.map(generalName))),
    ...identifiers,
  ]
}

function extension(id: string, value: Written): Written {
  return sequence(oid(id), octetString(toDer(value)))
}

function critical(id: string, value: Written): Written {
  return sequence(oid(id), boolean(true), octetString(toDer(value)))
}

/** A SAN (RFC 5280 §4.2.1.6): an IP address if the text is one, else a DNS name. */
export function generalName(name: string): Written {
  const address = isIP(name) === 0 ? undefined : parseAddress(name)
  if (address === undefined) return implicit(DNS_NAME, Buffer.from(name, 'ascii'))
  return implicit(IP_ADDRESS, Buffer.from(address, 'hex'))
}

/** RFC 7093 §2, method 1: the first 160 bits of the SHA-256 of the subjectPublicKey. */
function keyIdentifier(publicKey: KeyObject): Uint8Array {
  /** An uncompressed P-256 point, X9.62: 0x04 and two coordinates of 32 octets, at the end of the SubjectPublicKeyInfo. */
  const POINT_OCTETS = 1 + 2 * 32
  const point = publicKeyInfo(publicKey).subarray(-POINT_OCTETS)
  return createHash('sha256').update(point).digest().subarray(0, 20)
}

function publicKeyInfo(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' })
}

export function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
