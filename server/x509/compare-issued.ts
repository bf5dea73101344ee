import { hash, type X509Certificate } from 'node:crypto'
import { formatAddress } from '../../policies/address.ts'
import { listed, oneLine } from '../../policies/text.ts'
import type { Fault, ParsedRequest, San } from '../../policies/types.ts'
import { canonicalAddress, parseAltNames } from '../alt-names.ts'
import type { CompareIssued, IssuedCertificate, IssuedField, Mismatch } from '../ports.ts'
import { openCertificate, type SigningCa } from './signing-ca.ts'

/** Base64 of 64 KiB of PEM text. A kubelet's certificate has 1 KB, and 10 KB with 100 addresses. */
const CERTIFICATE_MAX = 87_384
const DETAIL_MAX = 512

/** One for all that are as they should be. */
const NONE: readonly Mismatch[] = Object.freeze([])
const UNREADABLE: IssuedCertificate = {
  notAfter: 0,
  mismatches: [{ field: 'encoding', detail: 'it is not a certificate in at most 64 KiB of PEM' }],
}

/** Compares issued certificates, the first of each chain, with what was approved. Never throws. */
export function createCompareIssued(signingCa: Pick<SigningCa, 'note'>): CompareIssued {
  return (text, { request }) => {
    const issued = text.length > CERTIFICATE_MAX ? null : openCertificate(Buffer.from(text, 'base64'))
    if (issued === null) return UNREADABLE
    signingCa.note(issued)
    const found = mismatchesOf(issued, request)
    return { notAfter: issued.validToDate.getTime(), mismatches: found.length === 0 ? NONE : found }
  }
}

/** The signer takes the key and the names from the request. What else it writes, no operator can act on. */
function mismatchesOf(issued: X509Certificate, request: ParsedRequest | Fault): Mismatch[] {
  // Another approver approved it.
  if (!request.readable)
    return [mismatch('encoding', `the approved request cannot be read: ${request.message}`)]
  const names = compareNames(issued, request.sans)
  return [
    ...(keyOf(issued) === request.spkiSha256
      ? []
      : [mismatch('publicKey', 'it has another public key than the request')]),
    ...(names === null ? [] : [mismatch('names', names)]),
    ...(issued.ca ? [mismatch('authority', 'it is the certificate of a CA')] : []),
  ]
}

function mismatch(field: IssuedField, detail: string): Mismatch {
  return { field, detail: oneLine(detail, DETAIL_MAX) }
}

/** SHA-256 of the SubjectPublicKeyInfo, cut out: to have OpenSSL write it again costs more than all the rest. */
function keyOf({ raw }: X509Certificate): string {
  const fields = contentAt(raw, contentAt(raw, 0))
  let at = raw[fields] === VERSION_TAG ? endOf(raw, fields) : fields
  for (let before = 0; before < BEFORE_KEY; before += 1) at = endOf(raw, at)
  return hash('sha256', raw.subarray(at, endOf(raw, at)))
}

/** RFC 5280 §4.1: `[0]` is absent in certificates of version 1. */
const VERSION_TAG = 0xa0
/** Serial number, signature, issuer, validity and subject. */
const BEFORE_KEY = 5

/** Where the content of the DER element at `at` begins. */
function contentAt(der: Buffer, at: number): number {
  return at + 2 + lengthOctets(der, at)
}

function endOf(der: Buffer, at: number): number {
  const octets = lengthOctets(der, at)
  return contentAt(der, at) + (octets === 0 ? der.readUInt8(at + 1) : der.readUIntBE(at + 2, octets))
}

/** How many octets of length follow the first (X.690 §8.1.3): none if it is the length itself. */
function lengthOctets(der: Buffer, at: number): number {
  const first = der.readUInt8(at + 1)
  return first < 0x80 ? 0 : first & 0x7f
}

function compareNames(issued: X509Certificate, sans: readonly San[]): string | null {
  const { names, addresses, others } = parseAltNames(issued.subjectAltName)
  const has = new Set([...names.map(dns), ...addresses.map(canonicalAddress).map(ip), ...others])
  const asked = new Set(sans.map(asNodeWrites))
  const [added, lost] = [[...has.difference(asked)], [...asked.difference(has)]]
  const parts = [
    ...(added.length > 0 ? [`also for ${listed(added)}`] : []),
    ...(lost.length > 0 ? [`not for ${listed(lost)}`] : []),
  ]
  return parts.length === 0 ? null : `it is ${parts.join(', and ')}`
}

// With its kind, an address in place of a name is another name.
const dns = (name: string): string => `DNS:${name}`
const ip = (address: string): string => `IP Address:${address}`

/** The signer of kubelet-serving certificates issues no other kinds, whatever was asked. */
function asNodeWrites({ kind, value }: San): string {
  if (kind === 'iPAddress') return ip(formatAddress(value))
  return kind === 'dNSName' ? dns(value.toLowerCase()) : `${kind}:${value}`
}
