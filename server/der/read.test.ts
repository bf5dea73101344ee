import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytes, hex, integer, nothing, octetString, sequence, tlv } from '../../test/kit/requests/der.ts'
import { isFault } from './faults.ts'
import { type Element, readInside, readWhole, sourceOf } from './read.ts'

/** `code@offset`, or the elements in document order as `tag@offset`. */
const resultOf = (der: Uint8Array): string => {
  const found = readWhole(sourceOf(der))
  return isFault(found) ? `${found.code}@${found.at}` : textOf(found)
}

const textOf = ({ tag, at, children }: Element): string =>
  [`${tag.toString(16)}@${at}`, ...children.map(textOf)].join(' ')

test('elements are found with their offsets and content', () => {
  assert.equal(resultOf(sequence(octetString(bytes(1, 2)), sequence(), nothing())), '30@0 4@2 30@6 5@8')
  assert.equal(resultOf(sequence(sequence(sequence()))), '30@0 30@2 30@4')
  const long = readWhole(
    sourceOf(sequence(octetString(new Uint8Array(300).fill(7)), tlv(0x1e, bytes(0, 0x61)))),
  )
  assert.ok(!isFault(long))
  const [first, second] = long.children
  assert.deepEqual([first?.at, first?.end, first?.content], [4, 308, new Uint8Array(300).fill(7)])
  assert.deepEqual([second?.at, second?.end, second?.content], [308, 312, bytes(0, 0x61)])
})

test('a length is definite and minimal', () => {
  for (const length of [127, 128, 255, 256, 65_000, 70_000])
    assert.equal(resultOf(octetString(new Uint8Array(length))), '4@0', String(length))
  for (const digits of [
    '0481 01 00',
    '0482 0001 00',
    '0480 0000',
    '3080 0000',
    '0484 01000000 00',
    '0484 00000001 00',
  ])
    assert.match(resultOf(hex(digits)), /^NotDer@[01]$/u, digits)
  assert.equal(resultOf(tlv(0x04, new Uint8Array(127), hex('81 7f'))), 'NotDer@1')
})

test('an element is complete and does not extend beyond its parent, and nothing follows it', () => {
  for (const digits of [
    '',
    '30',
    '3001 05',
    '3082 01',
    '3002 0501',
    '3003 0500',
    '3003 300105 00',
    '0500 0500',
  ])
    assert.equal(resultOf(hex(digits)), 'NotDer@0', digits)
})

test('an INTEGER has no redundant octet', () => {
  for (const digits of ['00', '7f', '80', 'ff', '0080', 'ff7f'])
    assert.equal(resultOf(integer(hex(digits))), '2@0', digits)
  for (const digits of ['0000', '007f', 'ff80', 'ffff', '000080', 'ffff7f'])
    assert.equal(resultOf(integer(hex(digits))), 'NotDer@1', digits)
})

test('only the tags of a request are allowed, each in its own form', () => {
  for (const tag of '07 09 0a 0d 17 1b 41 61 c1 89 a9'.split(' '))
    assert.equal(resultOf(hex(`${tag}00`)), 'TagForbidden@0', tag)
  // A tag in several octets: node-forge reads the second one as a length.
  for (const digits of ['1f00', '3f00', '9f00', '00 00', '1f 01 00'])
    assert.equal(resultOf(hex(digits)), 'TagForbidden@0', digits)
  for (const tag of '10 11 21 22 23 24 25 26 2c 33'.split(' '))
    assert.equal(resultOf(hex(`${tag}00`)), 'FormWrong@0', tag)
  for (const tag of '1e 30 31 80 88 a0 a8'.split(' '))
    assert.equal(resultOf(hex(`${tag}00`)), `${Number(`0x${tag}`).toString(16)}@0`)
})

test('elements nest at most sixteen deep, in the strings of a request too', () => {
  const nest = (levels: number): Uint8Array => (levels === 1 ? sequence() : sequence(nest(levels - 1)))
  assert.match(resultOf(nest(16)), /^30@0 30@2 /u)
  assert.equal(resultOf(nest(17)), 'TooDeep@0')
  assert.equal(resultOf(hex('3080'.repeat(32_000))), 'TooDeep@0')
  const inside = (levels: number): string => {
    const source = sourceOf(octetString(nest(levels)))
    const outer = readWhole(source)
    assert.ok(!isFault(outer))
    const found = readInside(source, outer)
    return isFault(found) ? `${found.code}@${found.at}` : 'read'
  }
  assert.equal(inside(15), 'read')
  assert.equal(inside(16), 'TooDeep@2')
})

test('all strings of a request share one budget of 1,024 elements, and none is read past it', () => {
  const elements = (count: number) => sequence(...Array.from({ length: count - 1 }, nothing))
  assert.match(resultOf(elements(1024)), /^30@0 5@4 /u)
  assert.equal(resultOf(elements(1025)), 'TooManyElements@0')
  const source = sourceOf(elements(60_000))
  assert.ok(isFault(readWhole(source)))
  assert.equal(source.budget.elements, -1)
  const shared = sourceOf(sequence(octetString(elements(1000)), octetString(elements(22))))
  const whole = readWhole(shared)
  assert.ok(!isFault(whole))
  const [first, second] = whole.children
  assert.ok(first !== undefined && second !== undefined)
  assert.ok(!isFault(readInside(shared, first)))
  assert.deepEqual(readInside(shared, second), {
    readable: false,
    code: 'TooManyElements',
    at: second.at + 2,
    message: 'more than 1024 elements',
  })
})
