import { test } from 'node:test'
import { fail, pass } from '../check.ts'
import { expectOutcome, goodFacts, withRequest } from '../good-request.fixture.ts'
import { shown } from '../text.ts'
import { keyIsStrong } from './key-is-strong.ts'

const at = 65
const ODD = 'It must be odd and at least 3'
const signature = goodFacts.request.signature

test('P-256, P-384, P-521, Ed25519 and RSA of 2048 to 8192 bits are strong', () => {
  for (const curve of ['P-256', 'P-384', 'P-521'] as const) {
    const key = { type: 'ECDSA', curve, bits: Number(curve.slice(2)), at: at } as const
    expectOutcome(keyIsStrong, withRequest({ key }), pass)
  }
  expectOutcome(keyIsStrong, withRequest({ key: { type: 'Ed25519', bits: 256, at: at } }), pass)
  for (const bits of [2048, 3072, 8192]) expectOutcome(keyIsStrong, withRsa(bits, '65537'), pass)
})

test('an RSA key of 1024 bits, which the signer would sign, is weak', () => {
  for (const bits of [512, 1024, 2047, 8193, 16_384])
    expectOutcome(
      keyIsStrong,
      withRsa(bits, '65537'),
      fail(`the RSA key has ${bits} bits. It must have 2048 to 8192`, { at }),
    )
})

test('an RSA exponent is odd, at least 3 and below 2^31', () => {
  for (const exponent of ['3', '2147483647']) expectOutcome(keyIsStrong, withRsa(2048, exponent), pass)
  for (const exponent of ['0', '1', '2', '65536', '2147483649', '-3', '03', '0x3', '3 ', '', 'NaN'])
    expectOutcome(
      keyIsStrong,
      withRsa(2048, exponent),
      fail(`the RSA key has the exponent ${shown(exponent)}. ${ODD}`, { at }),
    )
})

test('an RSA modulus that a small prime divides is weak', () => {
  const key = { type: 'RSA', bits: 2048, exponent: '65537', divisor: 751, at } as const
  const wanted = fail('the modulus of the RSA key is divisible by 751', { at })
  expectOutcome(keyIsStrong, withRequest({ key }), wanted)
})

test('an exponent as large as the request costs nothing to refuse', () => {
  const wanted = fail(`the RSA key has the exponent "${'9'.repeat(80)}...". ${ODD}`, { at })
  expectOutcome(keyIsStrong, withRsa(2048, '9'.repeat(100_000)), wanted)
})

test('any other key is refused, and the message names its type', () => {
  for (const name of ['P-224', 'ML-DSA-64', 'explicit EC parameters', '1.3.101.113']) {
    const wanted = fail(
      `a key of type ${shown(name)} is not supported. Use RSA, P-256, P-384, P-521 or Ed25519`,
      { at },
    )
    expectOutcome(keyIsStrong, withRequest({ key: { type: 'unsupported', name, at: at } }), wanted)
  }
})

test('an ML-DSA key is refused by its name until the signer can read it', () => {
  for (const name of ['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87']) {
    const wanted = fail(
      `a key of type ${name} is not supported yet: the signer’s Go cannot read it. Use RSA, P-256, P-384, P-521 or Ed25519`,
      { at },
    )
    expectOutcome(keyIsStrong, withRequest({ key: { type: 'unsupported', name, at } }), wanted)
  }
})

test('the signature is made by an algorithm that fits the key', () => {
  const wanted = fail('the signature algorithm SHA256-RSA does not fit a key of type ECDSA', { at: 220 })
  const facts = withRequest({ signature: { ...signature, algorithm: 'SHA256-RSA', fitsKey: false } })
  expectOutcome(keyIsStrong, facts, wanted)
})

test('the API server verified the signature, so the check does not ask for it', () => {
  expectOutcome(keyIsStrong, withRequest({ signature: { ...signature, verified: false } }), pass)
})

function withRsa(bits: number, exponent: string) {
  return withRequest({ key: { type: 'RSA', bits, exponent, at: at } })
}
