import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bitString, bytes, hex, integer, nothing, oid, sequence } from '../../test/kit/requests/der.ts'
import { sharedKeys } from '../../test/kit/requests/keys.ts'
import { buildRequest } from '../../test/kit/requests/request.ts'
import { readUnverified } from './request.ts'
import { smallFactor } from './weak-keys.ts'

/** What is said of a request that names this key. */
function saidOf(spki: Uint8Array): string {
  const read = readUnverified(buildRequest({ key: 'P-256', spki: new Uint8Array(spki) }).request)
  return read.readable ? read.key.type : `${read.code}: ${read.message}`
}

test('a point is on its curve, and its coordinates are below the prime', () => {
  for (const name of ['P-256', 'P-384', 'P-521'] as const) {
    const { spki } = sharedKeys(name)
    assert.equal(saidOf(spki), 'ECDSA')
    const wanted = `KeyMalformed: a ${name} point that is not on the curve`
    assert.equal(saidOf(spki.with(spki.length - 1, (spki.at(-1) ?? 0) ^ 1)), wanted)
    // Coordinates of 0, and above the prime.
    assert.equal(saidOf(spki.map((octet, at) => (at < spki.length - 64 ? octet : 0))), wanted)
    assert.equal(saidOf(spki.map((octet, at) => (at < spki.length - 64 ? octet : 0xff))), wanted)
  }
})

test('a coordinate that is the prime itself is refused, though it stands for 0 on the curve', () => {
  const { spki } = sharedKeys('P-256')
  const pointWith = (x: string): Uint8Array =>
    Buffer.concat([spki.subarray(0, spki.length - 64), hex(x + ROOT_OF_B)])
  assert.equal(saidOf(pointWith('00'.repeat(32))), 'ECDSA')
  const prime = 'ffffffff00000001000000000000000000000000ffffffffffffffffffffffff'
  assert.equal(saidOf(pointWith(prime)), 'KeyMalformed: a P-256 point that is not on the curve')
})

/** Where x is 0 on P-256. */
const ROOT_OF_B = '66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4'

const ed25519 = (key: string): Uint8Array => sequence(sequence(oid('1.3.101.112')), bitString(hex(key)))
const CANNOT = 'KeyMalformed: an Ed25519 key of small order, or not canonical'

test('an Ed25519 key of small order, for which anybody can sign, is refused, whatever its sign bit', () => {
  for (const key of [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  ]) {
    assert.equal(saidOf(ed25519(key)), CANNOT, key)
    const signed = hex(key).with(31, (hex(key)[31] ?? 0) | 0x80)
    assert.equal(saidOf(sequence(sequence(oid('1.3.101.112')), bitString(signed))), CANNOT, `${key}, signed`)
  }
})

test('an Ed25519 key that is not canonical is refused', () => {
  // p, p + 1 and 2²⁵⁵ − 1, which some take for 0, 1 and 18.
  for (const first of ['ed', 'ee', 'ff'])
    for (const last of ['7f', 'ff']) assert.equal(saidOf(ed25519(first + 'ff'.repeat(30) + last)), CANNOT)
  assert.equal(saidOf(sharedKeys('Ed25519').spki), 'Ed25519')
})

test('an RSA modulus is known by the smallest prime below 752 that divides it', () => {
  const modulus = (number: bigint) => {
    const digits = number.toString(16)
    const rsa = sequence(integer(hex(`00${digits.padStart(512, '0')}`)), integer(bytes(1, 0, 1)))
    const spki = sequence(sequence(oid('1.2.840.113549.1.1.1'), nothing()), bitString(rsa))
    const read = readUnverified(buildRequest({ key: 'RSA-2048', spki }).request)
    assert.ok(read.readable && read.key.type === 'RSA')
    return read.key.divisor
  }
  assert.equal(modulus(2n ** 2048n - 1n), 3)
  assert.equal(modulus(2n ** 2047n), 2)
  assert.equal(smallFactor(751n * (2n ** 1279n - 1n)), 751)
  assert.equal(smallFactor(757n * (2n ** 1279n - 1n)), null)
  const honest = readUnverified(buildRequest({ key: 'RSA-2048' }).request)
  assert.ok(honest.readable && honest.key.type === 'RSA' && honest.key.divisor === undefined)
})
