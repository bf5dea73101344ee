import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bitString, bytes, hex, integer, nothing, oid, sequence } from '../../test/kit/requests/der.ts'
import { buildRequest } from '../../test/kit/requests/request.ts'
import { isVerifiable } from './key.ts'
import { readUnverified } from './request.ts'

/** What is read of a request that names this key. */
function readWith(spki: Uint8Array) {
  return readUnverified(buildRequest({ key: 'RSA-2048', spki: new Uint8Array(spki) }).request)
}

function readRsa(modulus: string, exponent: string) {
  const rsa = sequence(integer(hex(modulus)), integer(hex(exponent)))
  const read = readWith(sequence(sequence(oid('1.2.840.113549.1.1.1'), nothing()), bitString(rsa)))
  if (!read.readable) return { fault: `${read.code}: ${read.message}` }
  assert.ok(read.key.type === 'RSA')
  const { bits, divisor, exponent: e } = read.key
  return { bits, divisor, exponent: e }
}

test('an RSA key is as long as its modulus has bits', () => {
  for (const [modulus, bits] of [
    [`00ff${'ff'.repeat(255)}`, 2048],
    [`7f${'ff'.repeat(255)}`, 2047],
    [`01${'ff'.repeat(255)}`, 2041],
  ] as const) {
    assert.equal(readRsa(modulus, '010001').bits, bits)
  }
})

test('a modulus of the greatest length is divided by small primes, a longer one is not', () => {
  const ofBits = (bits: number) => readRsa(`00${'ff'.repeat(bits / 8)}`, '010001')
  const [greatest, longer] = [ofBits(8192), ofBits(8200)]
  assert.deepEqual([greatest.bits, greatest.divisor], [8192, 3])
  assert.deepEqual([longer.bits, longer.divisor], [8200, undefined])
})

test('a modulus or an exponent that is negative or zero is refused', () => {
  const modulus = `00ff${'ff'.repeat(255)}`
  for (const [one, other] of [
    [`80${'00'.repeat(255)}`, '010001'],
    ['00', '010001'],
    [modulus, '80'],
    [modulus, '00'],
  ] as const)
    assert.match(
      readRsa(one, other).fault ?? '',
      /^KeyMalformed: an RSA key is not a positive modulus and exponent/u,
    )
})

test('an exponent has at most eight octets', () => {
  const modulus = `00ff${'ff'.repeat(255)}`
  assert.equal(readRsa(modulus, `7f${'ff'.repeat(7)}`).exponent, String(2n ** 63n - 1n))
  assert.match(
    readRsa(modulus, `7f${'ff'.repeat(8)}`).fault ?? '',
    /^KeyMalformed: an RSA exponent of 9 octets/u,
  )
})

test('the signature of an RSA key is verified from 1024 to 8192 bits, with an odd exponent from 3 to 2³¹ − 1', () => {
  const rsa = (bits: number, exponent: bigint) =>
    isVerifiable({ type: 'RSA', bits, exponent: String(exponent), at: 0 })
  for (const bits of [1024, 8192]) assert.equal(rsa(bits, 65_537n), true, `${bits}`)
  for (const bits of [1023, 8193]) assert.equal(rsa(bits, 65_537n), false, `${bits}`)
  for (const exponent of [3n, 2n ** 31n - 1n]) assert.equal(rsa(2048, exponent), true, `${exponent}`)
  for (const exponent of [1n, 4n, 2n ** 31n + 1n]) assert.equal(rsa(2048, exponent), false, `${exponent}`)
})

test('a key that is not supported is called by its name, and its octets are not read', () => {
  // RFC 8410 §3.
  for (const [identifier, name] of [
    ['1.3.101.110', 'X25519'],
    ['1.3.101.111', 'X448'],
    ['1.3.101.113', 'Ed448'],
    ['1.2.3.4', '1.2.3.4'],
  ] as const) {
    const read = readWith(sequence(sequence(oid(identifier)), bitString(bytes(1, 2, 3))))
    assert.ok(read.readable && read.key.type === 'unsupported')
    assert.equal(read.key.name, name)
  }
})
