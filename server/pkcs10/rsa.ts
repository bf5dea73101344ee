import type { Fault, PublicKey } from '../../policies/types.ts'
import { fault, isFault } from '../der/faults.ts'
import { type Element, sequenceOf, readInside, type Source } from '../der/read.ts'
import { TAG } from '../der/tags.ts'
import type { Algorithm } from './algorithm.ts'

/** Go does not verify below 1024 bits. Verifying 8192 bits takes 0.3 ms, and the time grows with the square. */
const MODULUS_BITS = { min: 1024, max: 8192 }
/** Go's crypto/rsa refuses larger exponents, since Microsoft's CryptoAPI stores them in 32 bits. */
const EXPONENT = { min: 3n, max: 2n ** 31n - 1n }
/** Go reads the exponent into 63 bits. */
const EXPONENT_OCTETS = 8

/** Reads an RSAPublicKey, RFC 8017 §A.1.1. The parameters of rsaEncryption are NULL (RFC 3279 §2.3.1). */
export function readRsa(algorithm: Algorithm, bits: Element, source: Source): PublicKey | Fault {
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
  return { type: 'RSA', bits: bitLength(modulus), exponent: String(unsigned(exponent)), at: algorithm.at }
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

function bitLength({ content }: Element): number {
  const first = content.findIndex((octet) => octet > 0)
  return (content.length - first) * 8 - (Math.clz32(content[first] ?? 0) - 24)
}

const unsigned = ({ content }: Element): bigint => BigInt(`0x${Buffer.from(content).toString('hex')}`)
