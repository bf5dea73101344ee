import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytes, hex, nothing, octetString, sequence, tlv } from '../../test/kit/requests/der.ts'
import { type Header, MAX_ELEMENTS, scan } from './scan.ts'

const scanAll = (der: Uint8Array, depth = 1): ReturnType<typeof scan> =>
  scan(der, { from: 0, to: der.length, depth }, { elements: MAX_ELEMENTS })

/** `code@offset`, or the headers as `tag@offset`. */
const resultOf = (der: Uint8Array, depth?: number): string => {
  const found = scanAll(der, depth)
  if ('readable' in found) return `${found.code}@${found.at}`
  return found.map(({ tag, at }: Header) => `${tag.toString(16)}@${at}`).join(' ')
}

test('headers are found in document order with their offsets', () => {
  assert.equal(resultOf(sequence(octetString(bytes(1, 2)), sequence(), nothing())), '30@0 4@2 30@6 5@8')
  assert.equal(resultOf(sequence()), '30@0')
  assert.equal(resultOf(sequence(sequence(sequence()))), '30@0 30@2 30@4')
})

test('a length is definite, minimal and at most three octets', () => {
  assert.equal(resultOf(octetString(new Uint8Array(127))), '4@0')
  assert.equal(resultOf(octetString(new Uint8Array(128))), '4@0')
  assert.equal(resultOf(octetString(new Uint8Array(70_000))), '4@0')
  assert.equal(resultOf(hex('0481 01 00')), 'LengthNotMinimal@1')
  assert.equal(resultOf(hex('0482 0001 00')), 'LengthNotMinimal@1')
  assert.equal(resultOf(tlv(0x04, new Uint8Array(127), hex('81 7f'))), 'LengthNotMinimal@1')
  assert.equal(resultOf(hex('0480 0000')), 'LengthIndefinite@1')
  assert.equal(resultOf(hex('0484 01000000 00')), 'LengthOverrun@1')
})

test('an element is complete and does not extend beyond its parent', () => {
  assert.equal(resultOf(bytes()), 'Truncated@0')
  assert.equal(resultOf(hex('30')), 'Truncated@0')
  assert.equal(resultOf(hex('3001 05')), 'Truncated@2')
  assert.equal(resultOf(hex('3082 01')), 'Truncated@1')
  assert.equal(resultOf(hex('3002 0501')), 'LengthOverrun@3')
  assert.equal(resultOf(hex('3003 0500')), 'LengthOverrun@1')
  assert.equal(resultOf(hex('3003 300105 00')), 'TrailingElement@5')
  assert.equal(resultOf(hex('0500 0500')), 'TrailingElement@2')
})

test('only the tags of a request are allowed, each in its own form', () => {
  for (const tag of [
    '00',
    '07',
    '09',
    '0a',
    '0d',
    '17',
    '1b',
    '1f',
    '3f',
    '41',
    '61',
    'c1',
    '89',
    'a9',
    '9f',
  ]) {
    assert.equal(resultOf(hex(`${tag}00`)), 'TagForbidden@0', tag)
  }
  for (const tag of ['10', '11', '21', '22', '23', '24', '25', '26', '2c', '33']) {
    assert.equal(resultOf(hex(`${tag}00`)), 'FormWrong@0', tag)
  }
  for (const tag of ['01', '1e', '30', '31', '80', '88', 'a0', 'a8'])
    assert.equal(resultOf(hex(`${tag}00`)), `${Number(`0x${tag}`).toString(16)}@0`)
})

test('elements nest at most sixteen deep, wherever reading starts', () => {
  const nest = (levels: number): Uint8Array => (levels === 1 ? sequence() : sequence(nest(levels - 1)))
  assert.match(resultOf(nest(16)), /^30@0 30@2 /)
  assert.equal(resultOf(nest(17)), 'TooDeep@32')
  assert.match(resultOf(nest(10), 7), /^30@0 /)
  assert.equal(resultOf(nest(11), 7), 'TooDeep@20')
})

test('all spans of a request share one element budget', () => {
  const budget = { elements: 3 }
  const three = sequence(nothing(), nothing())
  assert.ok(!('readable' in scan(three, { from: 0, to: three.length, depth: 1 }, budget)))
  const more = scan(nothing(), { from: 0, to: 2, depth: 1 }, budget)
  assert.deepEqual(more, {
    readable: false,
    code: 'TooManyElements',
    at: 0,
    message: 'more than 1024 elements',
  })
})
