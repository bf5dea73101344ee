/** Numbers that no key consists of that is a secret of its owner. Each test takes some microseconds. */

/** A prime field, and the coefficient b of y² = x³ − 3x + b over it (SP 800-186 §3.2.1). */
export interface Curve {
  readonly p: bigint
  readonly b: bigint
}

export const P256: Curve = {
  p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
  b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
}
export const P384: Curve = {
  p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
  b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
}
export const P521: Curve = {
  p: 2n ** 521n - 1n,
  b: 0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
}

/** @param point the two coordinates, without the octet before them */
export function isOnCurve(point: Uint8Array, { p, b }: Curve): boolean {
  const half = point.length / 2
  const [x, y] = [unsigned(point.subarray(0, half)), unsigned(point.subarray(half))]
  return x < p && y < p && (y * y - x * x * x + 3n * x - b) % p === 0n
}

const P25519 = 2n ** 255n - 19n
const ORDER_8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n
/** The y coordinates of the eight points of small order (RFC 7748 §7): anybody can sign for such a key. */
const SMALL_ORDER: readonly bigint[] = [0n, 1n, P25519 - 1n, ORDER_8, P25519 - ORDER_8]

/** Whether the encoding is canonical (RFC 8032 §5.1.3) and the point not of small order. */
export function isStrongEd25519(key: Uint8Array): boolean {
  const y = unsigned(key.toReversed()) & (2n ** 255n - 1n)
  return y < P25519 && !SMALL_ORDER.includes(y)
}

/** The primes below 752: CA/Browser Forum Baseline Requirements §6.1.6. */
const PRIMES = primesBelow(752)
const PRODUCT = PRIMES.reduce((product, prime) => product * BigInt(prime), 1n)

/** The smallest prime below 752 that divides an RSA modulus, null if none does. */
export function smallFactor(modulus: bigint): number | null {
  const rest = modulus % PRODUCT
  return PRIMES.find((prime) => rest % BigInt(prime) === 0n) ?? null
}

function primesBelow(limit: number): readonly number[] {
  const primes: number[] = []
  for (let number = 2; number < limit; number += 1)
    if (primes.every((prime) => number % prime !== 0)) primes.push(number)
  return primes
}

export const unsigned = (octets: Uint8Array): bigint => BigInt(`0x${Buffer.from(octets).toString('hex')}`)
