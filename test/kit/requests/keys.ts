/** Keys to sign requests with: what a kubelet has, and what it never has. */
import { generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { type Bytes, bytes, nothing, oid, sequence, tlv, tag, hex } from './der.ts'

export type KeyName =
  | `RSA-${512 | 1024 | 2047 | 2048 | 3072 | 4096 | 8192}`
  | 'P-224'
  | 'P-256'
  | 'P-384'
  | 'P-521'
  | 'secp256k1'
  | 'P-256 explicit'
  | 'RSA of exponent 3'
  | 'RSA-PSS'
  | 'Ed25519'
  | 'Ed448'
  | 'DSA'
  | 'ML-DSA-44'
  | 'ML-DSA-65'
  | 'ML-DSA-87'

export interface Keys {
  readonly name: KeyName
  readonly privateKey: KeyObject
  /** The SubjectPublicKeyInfo, DER. */
  readonly spki: Bytes
}

const made = new Map<KeyName, Keys>()

/** The one pair of that kind in this process: enough wherever the key itself is not what is tested. */
export function sharedKeys(name: KeyName): Keys {
  const known = made.get(name)
  if (known) return known
  const keys = freshKeys(name)
  made.set(name, keys)
  return keys
}

/** A new pair, as a kubelet makes for each request. RSA-4096 takes about a second. */
export function freshKeys(name: KeyName): Keys {
  const { publicKey, privateKey } = generate(name)
  return { name, privateKey, spki: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })) }
}

type Generate = () => { publicKey: KeyObject; privateKey: KeyObject }

const generators: Partial<Record<KeyName, Generate>> = {
  'P-256 explicit': () => generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' }),
  'RSA of exponent 3': () => generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }),
  'RSA-PSS': () => generateKeyPairSync('rsa-pss', { modulusLength: 2048 }),
  Ed25519: () => generateKeyPairSync('ed25519'),
  Ed448: () => generateKeyPairSync('ed448'),
  DSA: () => generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }),
  'ML-DSA-44': () => generateKeyPairSync('ml-dsa-44'),
  'ML-DSA-65': () => generateKeyPairSync('ml-dsa-65'),
  'ML-DSA-87': () => generateKeyPairSync('ml-dsa-87'),
}

function generate(name: KeyName): ReturnType<Generate> {
  const special = generators[name]
  if (special) return special()
  if (name.startsWith('RSA-')) {
    return generateKeyPairSync('rsa', { modulusLength: Number(name.slice('RSA-'.length)) })
  }
  return generateKeyPairSync('ec', { namedCurve: name })
}

export type Hash = 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'

const rsaSignatures: Record<Hash, string> = {
  sha1: '1.2.840.113549.1.1.5',
  sha224: '1.2.840.113549.1.1.14',
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
}
const ecdsaSignatures: Record<Hash, string> = {
  sha1: '1.2.840.10045.4.1',
  sha224: '1.2.840.10045.4.3.1',
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
}

/** AlgorithmIdentifier of RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32, RFC 4055 §3.1. */
const pssSha256: Bytes = hex(
  '3041 06092a864886f70d01010a 3034 a00f 300d0609608648016503040201 0500' +
    'a11c 301a 06092a864886f70d010108 300d0609608648016503040201 0500 a203 020120',
)

/** The AlgorithmIdentifier of a signature by these keys; ECDSA hashes by curve size as Go does unless told otherwise. */
export function signatureAlgorithm(keys: Keys, hash: Hash = usualHash(keys.name)): Bytes {
  const { name } = keys
  if (name === 'RSA-PSS') return pssSha256
  if (name === 'Ed25519') return sequence(oid('1.3.101.112'))
  if (name === 'Ed448') return sequence(oid('1.3.101.113'))
  if (name === 'DSA') return sequence(oid('2.16.840.1.101.3.4.3.2'))
  if (name.startsWith('ML-DSA')) return sequence(oid(mlDsa[name] ?? ''))
  if (name.startsWith('RSA')) return sequence(oid(rsaSignatures[hash]), nothing())
  return sequence(oid(ecdsaSignatures[hash]))
}

const mlDsa: Record<string, string> = {
  'ML-DSA-44': '2.16.840.1.101.3.4.3.17',
  'ML-DSA-65': '2.16.840.1.101.3.4.3.18',
  'ML-DSA-87': '2.16.840.1.101.3.4.3.19',
}

/** Go's x509.CreateCertificateRequest and client-go's sigType: by the size of the curve; RSA by SHA-256 up to 4095 bits. */
function usualHash(name: KeyName): Hash {
  if (name === 'P-384') return 'sha384'
  if (name === 'P-521' || name === 'RSA-4096') return 'sha512'
  return 'sha256'
}

/** Signs as the algorithm says; a real signature whatever the content is. */
export function signature(keys: Keys, content: Bytes, hash: Hash = usualHash(keys.name)): Bytes {
  const hashless = /^(Ed|ML-DSA)/.test(keys.name)
  const key = keys.name === 'RSA-PSS' ? { key: keys.privateKey, saltLength: 32 } : keys.privateKey
  return new Uint8Array(sign(hashless ? null : hash, content, key))
}

/** An RSA SubjectPublicKeyInfo of this modulus and exponent, INTEGER contents as given. */
export const rsaSpki = (modulus: Bytes, exponent: Bytes): Bytes =>
  sequence(
    sequence(oid('1.2.840.113549.1.1.1'), nothing()),
    tlv(tag.bitString, [bytes(0), sequence(tlv(tag.integer, modulus), tlv(tag.integer, exponent))]),
  )
