import { dotted } from '../der/content.ts'
import { type Element, ANY, sequenceOf, type Source, readInside } from '../der/read.ts'
import { type Algorithm, readAlgorithm } from './algorithm.ts'
import type { Fault, PublicKey } from '../../policies/types.ts'
import { fault, isFault } from '../der/faults.ts'
import { TAG } from '../der/tags.ts'
import {
  type Curve,
  isOnCurve,
  isStrongEd25519,
  P256,
  P384,
  P521,
  smallFactor,
  unsigned,
} from './weak-keys.ts'

interface NamedCurve {
  readonly curve: 'P-256' | 'P-384' | 'P-521'
  readonly bits: number
  /** Length of a coordinate, SEC 1 §2.3.5. */
  readonly octets: number
  readonly field: Curve
}

const curves: Readonly<Record<string, NamedCurve>> = {
  '1.2.840.10045.3.1.7': { curve: 'P-256', bits: 256, octets: 32, field: P256 },
  '1.3.132.0.34': { curve: 'P-384', bits: 384, octets: 48, field: P384 },
  '1.3.132.0.35': { curve: 'P-521', bits: 521, octets: 66, field: P521 },
}

/** Names of refused keys and curves, for messages. */
const unsupported: Readonly<Record<string, string>> = {
  '1.3.132.0.33': 'P-224',
  '1.3.132.0.10': 'secp256k1',
  '1.2.840.113549.1.1.10': 'RSASSA-PSS',
  '1.2.840.10040.4.1': 'DSA',
  '1.3.101.110': 'X25519',
  '1.3.101.111': 'X448',
  '1.3.101.113': 'Ed448',
  '2.16.840.1.101.3.4.3.17': 'ML-DSA-44',
  '2.16.840.1.101.3.4.3.18': 'ML-DSA-65',
  '2.16.840.1.101.3.4.3.19': 'ML-DSA-87',
}

/**
 * Reads a SubjectPublicKeyInfo, RFC 5280 §4.1.2.7. A key of an unsupported kind is named, and its octets are not parsed.
 * A key of a supported kind is checked completely before node:crypto reads it.
 */
export function readKey(spki: Element, source: Source): PublicKey | Fault {
  const pair = sequenceOf(spki, ANY, TAG.bitString)
  if (!pair) return fault('KeyMalformed', spki.at, 'the public key is not an algorithm and a bit string')
  const [identifier, bits] = pair
  const algorithm = readAlgorithm(identifier)
  if (isFault(algorithm)) return algorithm
  if (bits.content[0] !== 0) return fault('KeyMalformed', bits.at, 'the public key has unused bits')
  return readKind(algorithm, bits, source)
}

function readKind(algorithm: Algorithm, bits: Element, source: Source): PublicKey | Fault {
  switch (algorithm.oid) {
    case '1.2.840.113549.1.1.1':
      return readRsa(algorithm, bits, source)
    case '1.2.840.10045.2.1':
      return readEcdsa(algorithm, bits)
    case '1.3.101.112':
      return readEd25519(algorithm, bits)
    default:
      return named(unsupported[algorithm.oid] ?? algorithm.oid, algorithm.at)
  }
}

const named = (name: string, at: number): PublicKey => ({ type: 'unsupported', name, at })

/** RFC 5480 §2: a named curve and an uncompressed point. Go refuses compressed points; OpenSSL also accepts hybrid ones. */
function readEcdsa({ parameters, at }: Algorithm, { content }: Element): PublicKey | Fault {
  if (parameters?.tag === TAG.sequence) return named('explicit EC parameters', at)
  if (parameters?.tag !== TAG.oid) return fault('AlgorithmMalformed', at, 'an EC key without a named curve')
  const oid = dotted(parameters)
  const known = curves[oid]
  if (known === undefined) return named(unsupported[oid] ?? `the curve ${oid}`, at)
  const { curve, bits, octets, field } = known
  if (content[1] !== 4 || content.length !== 2 + 2 * octets) {
    return fault(
      'KeyMalformed',
      at,
      `a ${curve} point that is not uncompressed with ${1 + 2 * octets} octets`,
    )
  }
  if (!isOnCurve(content.subarray(2), field))
    return fault('KeyMalformed', at, `a ${curve} point that is not on the curve`)
  return { type: 'ECDSA', curve, bits, at }
}

/** RFC 8410 §3 and §4. */
function readEd25519({ parameters, at }: Algorithm, { content }: Element): PublicKey | Fault {
  if (parameters !== undefined) return fault('AlgorithmMalformed', at, 'an Ed25519 key with parameters')
  if (content.length !== 1 + 32) return fault('KeyMalformed', at, 'an Ed25519 key that is not 32 octets')
  if (!isStrongEd25519(content.subarray(1)))
    return fault('KeyMalformed', at, 'an Ed25519 key of small order, or not canonical')
  return { type: 'Ed25519', bits: 256, at }
}

/** Go does not verify below 1024 bits. Verifying 8192 bits takes 0.3 ms, and the time grows with the square. */
const MODULUS_BITS = { min: 1024, max: 8192 }
/** Go's crypto/rsa refuses larger exponents, since Microsoft's CryptoAPI stores them in 32 bits. */
const EXPONENT = { min: 3n, max: 2n ** 31n - 1n }
/** Go reads the exponent into 63 bits. */
const EXPONENT_OCTETS = 8

/** Reads an RSAPublicKey, RFC 8017 §A.1.1. The parameters of rsaEncryption are NULL (RFC 3279 §2.3.1). */
function readRsa(algorithm: Algorithm, bits: Element, source: Source): PublicKey | Fault {
  const { parameters, at } = algorithm
  if (parameters?.tag !== TAG.null)
    return fault('AlgorithmMalformed', at, 'an RSA key without NULL parameters')
  const pair = readInside(source, bits, 1)
  if (isFault(pair)) return pair
  const numbers = sequenceOf(pair, TAG.integer, TAG.integer)
  if (!numbers?.every(isPositive)) {
    return fault('KeyMalformed', pair.at, 'an RSA key is not a positive modulus and exponent')
  }
  const [modulus, exponent] = numbers
  if (exponent.content.length > EXPONENT_OCTETS) {
    return fault('KeyMalformed', exponent.at, `an RSA exponent of ${exponent.content.length} octets`)
  }
  const length = bitLength(modulus)
  // Longer ones are refused for their length.
  const divisor = length <= MODULUS_BITS.max ? smallFactor(unsigned(modulus.content)) : null
  return {
    type: 'RSA',
    bits: length,
    exponent: String(unsigned(exponent.content)),
    ...(divisor !== null && { divisor }),
    at: algorithm.at,
  }
}

/** Whether a signature of this key is verified. The requester chooses the key size, so the bounds limit our CPU time. */
export function isVerifiable(key: PublicKey): boolean {
  if (key.type !== 'RSA') return true
  const exponent = BigInt(key.exponent)
  const isSane = exponent % 2n === 1n && exponent >= EXPONENT.min && exponent <= EXPONENT.max
  return isSane && key.bits >= MODULUS_BITS.min && key.bits <= MODULUS_BITS.max
}

/** Whether the sign bit is 0 and the value is not zero. */
const isPositive = ({ content }: Element): boolean =>
  (content[0] ?? 0x80) < 0x80 && content.some((octet) => octet > 0)

/** DER puts a zero octet first only before a set bit (X.690 §8.3.2), and that octet counts for no bits here either. */
function bitLength({ content }: Element): number {
  return content.length * 8 - (Math.clz32(content[0] ?? 0) - 24)
}
