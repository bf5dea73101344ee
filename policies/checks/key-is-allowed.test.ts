import { test } from 'node:test'
import { fail, pass } from '../check.ts'
import { expectOutcome, goodFacts, rulesWith, withRequest } from '../good-request.fixture.ts'
import type { PublicKey } from '../types.ts'
import { keyIsAllowed } from './key-is-allowed.ts'

const at = 65
const rsa = { type: 'RSA', bits: 2048, exponent: '65537', at: at } as const

test('a kind of key that the policy does not list is refused', async () => {
  const rules = await rulesWith({ keys: { allowed: ['RSA', 'ECDSA-P384'], rsaMinBits: 2048 } })
  const wanted = fail('the key is ECDSA-P256. keys.allowed of the policy: RSA, ECDSA-P384', { at })
  expectOutcome(keyIsAllowed, goodFacts, wanted, rules)
  const listed = { type: 'ECDSA', curve: 'P-384', bits: 384, at: at } as const
  expectOutcome(keyIsAllowed, withRequest({ key: listed }), pass, rules)
  const edwards = fail('the key is Ed25519. keys.allowed of the policy: RSA, ECDSA-P384', { at })
  expectOutcome(keyIsAllowed, withRequest({ key: { type: 'Ed25519', bits: 256, at: at } }), edwards, rules)
})

test('the default policy allows every kind of strong key', () => {
  const keys: PublicKey[] = [
    rsa,
    { type: 'Ed25519', bits: 256, at: at },
    { type: 'ECDSA', curve: 'P-256', bits: 256, at: at },
    { type: 'ECDSA', curve: 'P-384', bits: 384, at: at },
    { type: 'ECDSA', curve: 'P-521', bits: 521, at: at },
  ]
  for (const key of keys) expectOutcome(keyIsAllowed, withRequest({ key }), pass)
})

test('an RSA key has at least the number of bits that the policy requires', async () => {
  const rules = await rulesWith({ keys: { allowed: ['RSA'], rsaMinBits: 3072 } })
  const wanted = fail('the RSA key has 2048 bits. keys.rsaMinBits of the policy: 3072', { at })
  expectOutcome(keyIsAllowed, withRequest({ key: rsa }), wanted, rules)
  expectOutcome(keyIsAllowed, withRequest({ key: { ...rsa, bits: 3072 } }), pass, rules)
})

test('no policy allows a key that is not supported', () => {
  const wanted = fail(
    'the key is unsupported. keys.allowed of the policy: RSA, ECDSA-P256, ECDSA-P384 and 2 more',
    { at },
  )
  expectOutcome(keyIsAllowed, withRequest({ key: { type: 'unsupported', name: 'RSA', at: at } }), wanted)
})

test('a policy that allows no key approves none', async () => {
  const rules = await rulesWith({ keys: { allowed: [], rsaMinBits: 2048 } })
  const wanted = fail('the key is ECDSA-P256. keys.allowed of the policy: (none)', { at })
  expectOutcome(keyIsAllowed, goodFacts, wanted, rules)
})
