import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ascii, bytes, hex } from '../../test/kit/requests/der.ts'
import { checkContent, readOid } from './content.ts'
import { TAG } from './tags.ts'

const resultOf = (tag: number, content: Uint8Array): string =>
  checkContent(tag, content, 7)?.message ?? 'canonical'

test('a fault gives the code, the offset and the type', () => {
  assert.deepEqual(checkContent(TAG.boolean, bytes(1), 7), {
    readable: false,
    code: 'BooleanNotCanonical',
    at: 7,
    message: 'the BOOLEAN is neither 00 nor FF',
  })
})

test('a BOOLEAN is 00 or FF', () => {
  assert.equal(resultOf(TAG.boolean, bytes(0)), 'canonical')
  assert.equal(resultOf(TAG.boolean, bytes(255)), 'canonical')
  for (const content of [bytes(), bytes(1), bytes(0, 0)])
    assert.notEqual(resultOf(TAG.boolean, content), 'canonical')
})

test('an INTEGER has an octet', () => {
  assert.equal(resultOf(TAG.integer, bytes(0)), 'canonical')
  assert.equal(resultOf(TAG.integer, bytes()), 'the INTEGER has no octet')
})

test('the unused bits of a BIT STRING are fewer than eight, exist and are zero', () => {
  for (const digits of ['00', '00ff', '0780', '01fe'])
    assert.equal(resultOf(TAG.bitString, hex(digits)), 'canonical', digits)
  assert.equal(resultOf(TAG.bitString, bytes()), 'the BIT STRING is empty')
  assert.equal(resultOf(TAG.bitString, hex('0100ff')), 'the BIT STRING has unused bits that are set')
  assert.equal(resultOf(TAG.bitString, hex('0801')), 'the BIT STRING has 8 unused bits')
  assert.equal(resultOf(TAG.bitString, hex('01')), 'the BIT STRING has 1 unused bits')
})

test('a NULL is empty', () => {
  assert.equal(resultOf(TAG.null, bytes()), 'canonical')
  assert.equal(resultOf(TAG.null, bytes(0)), 'the NULL has content')
})

test('an OBJECT IDENTIFIER is read as Go reads it, or is refused', () => {
  assert.equal(readOid(hex('550403')), '2.5.4.3')
  assert.equal(readOid(hex('00')), '0.0')
  assert.equal(readOid(hex('4f')), '1.39')
  assert.equal(readOid(hex('50')), '2.0')
  assert.equal(readOid(hex('8837')), '2.999')
  assert.equal(readOid(hex('2a 87ffffff7f')), '1.2.2147483647')
  // An octet of seven zeros is padding at the beginning of an arc, and a digit later.
  assert.equal(readOid(hex('2a 818000')), '1.2.16384')
  assert.equal(readOid(new Uint8Array(64).fill(1))?.split('.').length, 65)
  for (const digits of [
    '',
    '80',
    '8001',
    '01'.repeat(65),
    '558003',
    '5583',
    '2a 8880808000',
    '2a ffffffffffffffff7f',
  ]) {
    assert.equal(readOid(hex(digits)), null, digits)
  }
})

test('a string contains only characters of its type', () => {
  const rows: [tag: number, good: Uint8Array, bad: Uint8Array][] = [
    [TAG.utf8String, hex('c3a4 f09f9880'), hex('c3')],
    [TAG.utf8String, hex('efbbbf61'), hex('f8888080')],
    [TAG.printableString, ascii("Aa0 '()+,-./:=?"), ascii('a*')],
    [TAG.numericString, ascii('12 34'), ascii('-1')],
    [TAG.ia5String, hex('007f'), hex('80')],
    [TAG.visibleString, ascii(' ~'), hex('7f')],
    [TAG.universalString, hex('00000061'), hex('0061')],
  ]
  for (const [tag, good, bad] of rows) {
    assert.equal(resultOf(tag, good), 'canonical', String(tag))
    assert.equal(checkContent(tag, bad, 0)?.code, 'StringMalformed', String(tag))
  }
})

test('types without a rule may contain any octets', () => {
  for (const tag of [TAG.octetString, TAG.teletexString, 0x82])
    assert.equal(resultOf(tag, bytes(0, 255)), 'canonical')
})
