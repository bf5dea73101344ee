import { defineCheck, fail, pass } from '../check.ts'
import { FUTURE_KEYS } from '../settings.ts'
import { shown } from '../text.ts'
import type { PublicKey } from '../types.ts'

/** NIST SP 800-131A asks for 2048; past 8192 a verification costs more here than at the requester. */
const RSA_BITS = { min: 2048, max: 8192 }
/** FIPS 186-5 §A.1.1 asks for an odd exponent above 2^16; 3 is what some libraries still make. */
const EXPONENTS = { min: 3, max: 2 ** 31 }

export const keyIsStrong = defineCheck({
  code: 'KeyTooWeak',
  stage: 'request',
  failure: 'violation',
  requires: `The key is RSA of ${RSA_BITS.min} to ${RSA_BITS.max} bits with an odd exponent of 3 or more and a modulus without a prime factor below 752, P-256, P-384 or P-521 as a named curve, or Ed25519, and signed the request by an algorithm that fits it.`,
  because:
    'The signer accepts RSA 1024 and P-224, and a signature by an algorithm that does not fit proves nothing.',
  source: 'NIST SP 800-131A; CA/Browser Forum Baseline Requirements §6.1.6; RFC 5480 §2.1.1.1; RFC 8410',
  run: ({ request: { key, signature } }) => {
    const problem = problemOf(key)
    if (problem !== undefined) return fail(problem, { at: key.at })
    if (!signature.fitsKey)
      return fail(
        `the signature algorithm ${shown(signature.algorithm)} does not fit a key of type ${key.type}`,
        { at: signature.at },
      )
    return pass
  },
})

function problemOf(key: PublicKey): string | undefined {
  if (key.type === 'unsupported') {
    const because = FUTURE_KEYS.includes(key.name) ? ' yet: the signer’s Go cannot read it' : ''
    return `a key of type ${shown(key.name)} is not supported${because}. Use RSA, P-256, P-384, P-521 or Ed25519`
  }
  if (key.type !== 'RSA') return undefined
  if (key.bits < RSA_BITS.min || key.bits > RSA_BITS.max)
    return `the RSA key has ${key.bits} bits. It must have ${RSA_BITS.min} to ${RSA_BITS.max}`
  if (!isSane(key.exponent))
    return `the RSA key has the exponent ${shown(key.exponent)}. It must be odd and at least ${EXPONENTS.min}`
  return key.divisor === undefined ? undefined : `the modulus of the RSA key is divisible by ${key.divisor}`
}

/** Ten digits hold all that is below 2^32, and cost nothing to read. */
function isSane(text: string): boolean {
  const exponent = /^[1-9]\d{0,9}$/u.test(text) ? Number(text) : 0
  return exponent >= EXPONENTS.min && exponent < EXPONENTS.max && exponent % 2 === 1
}
