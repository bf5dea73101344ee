import { formatAddress } from '../../policies/address.ts'
import { listed, quoted, utc } from '../../policies/text.ts'
import type { CsrObject, ParsedRequest, San, SubjectAttribute } from '../../policies/types.ts'
import type { IssuedField, Mismatch } from '../ports.ts'
import type { Certificate } from './certificate.ts'

/** What was approved. */
export interface Approved {
  readonly csr: Pick<CsrObject, 'usages' | 'expirationSeconds'>
  readonly request: ParsedRequest
}

/** Why a certificate is not what was approved, null if it is. */
type Comparison = (issued: Certificate, approved: Approved) => string | null

/** Each compares one thing; the signer takes all of them from the request, or from the CSR's spec. */
const comparisons: readonly (readonly [IssuedField, Comparison])[] = [
  ['publicKey', comparePublicKey],
  ['subject', compareSubject],
  ['names', compareNames],
  ['usages', compareUsages],
  ['lifetime', compareLifetime],
  ['authority', ({ isAuthority }) => (isAuthority ? 'it is the certificate of a CA' : null)],
]

/** Whatever of an issued certificate differs from what was approved. */
export function mismatchesOf(issued: Certificate, approved: Approved): Mismatch[] {
  return comparisons.flatMap(([field, compare]) => {
    const detail = compare(issued, approved)
    return detail === null ? [] : [{ field, detail }]
  })
}

function comparePublicKey(issued: Certificate, { request }: Approved): string | null {
  return issued.spkiSha256 === request.spkiSha256 ? null : 'it has another public key than the request'
}

function compareSubject(issued: Certificate, { request }: Approved): string | null {
  if (comparable(issued.subject) === comparable(request.subject)) return null
  return `its subject is ${quoted(nameText(issued.subject))}, the request’s is ${quoted(nameText(request.subject))}`
}

function compareNames(issued: Certificate, { request }: Approved): string | null {
  const [has, asked] = [new Set(issued.sans.map(sanText)), new Set(request.sans.map(sanText))]
  const [added, lost] = [[...has.difference(asked)], [...asked.difference(has)]]
  const parts = [
    ...(added.length > 0 ? [`also for ${listed(added)}`] : []),
    ...(lost.length > 0 ? [`not for ${listed(lost)}`] : []),
  ]
  return parts.length === 0 ? null : `it is ${parts.join(', and ')}`
}

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
/** Bits of KeyUsage, RFC 5280 §4.2.1.3. */
const DIGITAL_SIGNATURE = 0x80
const KEY_ENCIPHERMENT = 0x20

function compareUsages({ keyUsage, extendedKeyUsages }: Certificate, { csr }: Approved): string | null {
  if (extendedKeyUsages.join() !== SERVER_AUTH)
    return `its extended key usages are ${listed(extendedKeyUsages)}, not only ${SERVER_AUTH} (server auth)`
  const asked = DIGITAL_SIGNATURE | (csr.usages.includes('key encipherment') ? KEY_ENCIPHERMENT : 0)
  if (keyUsage === null) return 'it has no key usage, so that it may be used for anything'
  const isMore = (keyUsage & ~asked) !== 0
  if (isMore) return `its key usage has the bits ${bits(keyUsage)}, more than ${bits(asked)} of the CSR`
  return (keyUsage & DIGITAL_SIGNATURE) === 0 ? 'its key usage has no digital signature' : null
}

const bits = (octet: number): string => octet.toString(2).padStart(8, '0')

/** kube-controller-manager backdates `notBefore` by 5 min; a minute is for clocks. */
const SKEW_MS = 6 * 60_000
/** The shortest that the API server lets anybody ask for. A kubelet with less would do nothing but renew. */
const SHORTEST_MS = 600_000

/**
 * A signer may give less than was asked for, and nobody asks on a stock kubelet. Where somebody did, less is told: the kubelet
 * renews more often than was planned.
 */
function compareLifetime({ notBefore, notAfter }: Certificate, { csr }: Approved): string | null {
  const lifetime = notAfter - notBefore
  const asked = csr.expirationSeconds === null ? null : csr.expirationSeconds * 1_000
  const [least, most] = asked === null ? [SHORTEST_MS, Infinity] : [asked - SKEW_MS, asked + SKEW_MS]
  if (lifetime >= least && lifetime <= most) return null
  const wanted = asked === null ? `at least ${SHORTEST_MS / 1_000} s` : `${asked / 1_000} s`
  return `it is valid for ${lifetime / 1_000} s, from ${utc(notBefore)}, not for ${wanted}`
}

/** Short names of attributes, RFC 4514 §3 and RFC 4519. */
const attributeNames: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
}

type Name = readonly (readonly SubjectAttribute[])[]

/** Such as `CN=system:node:n1, O=system:nodes`. For people. */
export function nameText(name: Name): string {
  return name
    .map((rdn) => rdn.map(({ oid, value }) => `${attributeNames[oid] ?? oid}=${value}`).join('+'))
    .toReversed()
    .join(', ')
}

/** A signer may encode the same text as another string type. */
function comparable(name: Name): string {
  return JSON.stringify(name.map((rdn) => rdn.map(({ oid, value }) => [oid, value])))
}

/** Such as `dNSName:n1` or `iPAddress:10.0.0.3`: an address in place of a name is another name. */
function sanText({ kind, value }: San): string {
  return `${kind}:${kind === 'iPAddress' ? formatAddress(value) : value}`
}
