/**
 * PKCS#10 requests, RFC 2986: an honest kubelet's by default, with one thing changed to be any other.
 * Always signed over what is written, so that the change is what is judged and not a broken signature.
 */
import { isIP, SocketAddress } from 'node:net'
import {
  type Bytes,
  ascii,
  bitString,
  bytes,
  explicit,
  implicit,
  integer,
  octetString,
  oid,
  sequence,
  set,
  tag,
  tlv,
} from './der.ts'
import {
  freshKeys,
  type Hash,
  type KeyName,
  type Keys,
  sharedKeys,
  signature,
  signatureAlgorithm,
} from './keys.ts'

export interface RequestShape {
  /** A kind of key (one shared pair a process) or a pair; default a new P-256 pair, as every stock kubelet makes. */
  readonly key?: KeyName | Keys
  readonly hash?: Hash
  /** Default `system:node:node-1`. */
  readonly commonName?: string
  /** Default `system:nodes`; each becomes an RDN. */
  readonly organizations?: readonly string[]
  /** Whole RDNs (see {@link rdn}), instead of the two above. */
  readonly subject?: readonly Bytes[]
  /** Default `node-1`. */
  readonly dnsNames?: readonly string[]
  /** Default `10.0.0.1`; IPv4 becomes 4 octets, IPv6 16, IPv4-mapped IPv6 16. */
  readonly addresses?: readonly string[]
  /** GeneralNames after those two. */
  readonly otherNames?: readonly Bytes[]
  /** Extensions after the subjectAltName one. */
  readonly otherExtensions?: readonly Bytes[]
  /** All extensions, instead of the SAN extension made from the above. */
  readonly extensions?: readonly Bytes[]
  /** Attributes after the extensionRequest one. */
  readonly otherAttributes?: readonly Bytes[]
  /** All attributes, instead of the extensionRequest made from the above. */
  readonly attributes?: readonly Bytes[]
  /** The SubjectPublicKeyInfo to name, instead of the key's own. */
  readonly spki?: Bytes
  readonly version?: Bytes
  /** The AlgorithmIdentifier to name, instead of the true one. */
  readonly algorithm?: Bytes
  /** Rewrites the CertificationRequestInfo before it is signed. */
  readonly info?: (info: Bytes) => Bytes
  /** Rewrites the signature over the CertificationRequestInfo, then the whole DER, then the PEM text. */
  readonly signature?: (signature: Bytes, info: Bytes) => Bytes
  readonly der?: (der: Bytes) => Bytes
  readonly pem?: (pem: string) => string
}

export interface BuiltRequest {
  readonly der: Bytes
  readonly pem: string
  /** What `spec.request` holds: base64 of the PEM text. */
  readonly request: string
  readonly keys: Keys
}

export function buildRequest(shape: RequestShape = {}): BuiltRequest {
  const keys = keysOf(shape.key)
  const plain = requestInfo(shape, keys)
  const info = shape.info?.(plain) ?? plain
  const der = signedRequest(info, keys, shape)
  const pem = shape.pem?.(pemOf(der)) ?? pemOf(der)
  return { der, pem, request: Buffer.from(pem, 'latin1').toString('base64'), keys }
}

function keysOf(key: RequestShape['key']): Keys {
  if (typeof key === 'object') return key
  return key === undefined ? freshKeys('P-256') : sharedKeys(key)
}

function requestInfo(shape: RequestShape, keys: Keys): Bytes {
  return sequence(
    shape.version ?? integer(bytes(0)),
    sequence(...(shape.subject ?? nodeSubject(shape.commonName, shape.organizations))),
    shape.spki ?? keys.spki,
    explicit(
      0,
      ...(shape.attributes ?? [extensionRequest(...extensionsOf(shape)), ...(shape.otherAttributes ?? [])]),
    ),
  )
}

/** Signs a CertificationRequestInfo, whatever it is, into a request. */
export function signedRequest(
  info: Bytes,
  keys: Keys,
  shape: Pick<RequestShape, 'hash' | 'algorithm' | 'signature' | 'der'> = {},
): Bytes {
  const made = signature(keys, info, shape.hash)
  const der = sequence(
    info,
    shape.algorithm ?? signatureAlgorithm(keys, shape.hash),
    bitString(shape.signature?.(made, info) ?? made),
  )
  return shape.der?.(der) ?? der
}

/** As Go's pem.Encode writes it: lines of 64, a final newline. */
export function pemOf(der: Bytes, label = 'CERTIFICATE REQUEST'): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

const COMMON_NAME = '2.5.4.3'
const ORGANIZATION = '2.5.4.10'

/** The order of Go's pkix.Name: organizations before the common name. */
export const nodeSubject = (
  commonName = 'system:node:node-1',
  organizations: readonly string[] = ['system:nodes'],
): Bytes[] => [
  ...organizations.map((organization) => rdn([ORGANIZATION, organization])),
  rdn([COMMON_NAME, commonName]),
]

/** One RDN; multi-valued when several attributes are given, in that order. */
export const rdn = (...attributes: [type: string, value: string | Bytes][]): Bytes =>
  set(
    ...attributes.map(([type, value]) =>
      sequence(oid(type), typeof value === 'string' ? tlv(tag.printable, ascii(value)) : value),
    ),
  )

const extensionsOf = (shape: RequestShape): readonly Bytes[] =>
  shape.extensions ?? [
    subjectAltName(
      ...(shape.dnsNames ?? ['node-1']).map(dnsName),
      ...(shape.addresses ?? ['10.0.0.1']).map(ipAddress),
      ...(shape.otherNames ?? []),
    ),
    ...(shape.otherExtensions ?? []),
  ]

export const attribute = (type: string, ...values: Bytes[]): Bytes => sequence(oid(type), set(...values))
/** PKCS#9 extensionRequest, RFC 2985 §5.4.2. */
export const extensionRequest = (...extensions: Bytes[]): Bytes =>
  attribute('1.2.840.113549.1.9.14', sequence(...extensions))
export const extension = (type: string, value: Bytes, ...critical: Bytes[]): Bytes =>
  sequence(oid(type), ...critical, octetString(value))
export const subjectAltName = (...names: Bytes[]): Bytes => extension('2.5.29.17', sequence(...names))

export const dnsName = (name: string): Bytes => implicit(2, ascii(name))
export const ipAddress = (text: string): Bytes => implicit(7, addressOctets(text))

/** 4 octets of an IPv4 address, 16 of an IPv6 one, an IPv4-mapped one included. */
export function addressOctets(text: string): Bytes {
  if (isIP(text) === 4) return bytes(...text.split('.').map(Number))
  const { address } = new SocketAddress({ address: text, family: 'ipv6' })
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)
  if (mapped) return bytes(...Array<number>(10).fill(0), 0xff, 0xff, ...addressOctets(mapped[1] ?? ''))
  const [before = '', after] = address.split('::')
  const left = groups(before)
  const right = groups(after ?? '')
  return bytes(...left, ...Array<number>(16 - left.length - right.length).fill(0), ...right)
}

function groups(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number)
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}
