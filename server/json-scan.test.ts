import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { cpuTimeMs } from '../test/kit/cpu-time.ts'
import { parseJson, scanJson } from './json-scan.ts'

const unlimited = { elements: Infinity, depth: Infinity }
const elementsOf = (json: Buffer): number => {
  const scan = scanJson(json, unlimited)
  return scan.fits ? scan.elements : Number.NaN
}

/** Items and members in a value that was parsed, and how deep it is nested. */
function sizeOf(value: unknown): { readonly elements: number; readonly depth: number } {
  if (typeof value !== 'object' || value === null) return { elements: 0, depth: 0 }
  const inner = Object.values(value).map(sizeOf)
  return {
    elements: inner.reduce((sum, { elements }) => sum + elements, inner.length),
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
  }
}

/** Undefined when it is no JSON. */
function parsed(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString('utf8'))
  } catch {
    return undefined
  }
}

test('items and members are counted at all depths, whatever the strings hold', () => {
  for (const [json, elements] of [
    ['', 0],
    ['1', 0],
    ['"a,b[{"', 0],
    ['[]', 0],
    [' [ ] ', 0],
    ['{}', 0],
    ['[1]', 1],
    ['[[]]', 1],
    ['[{},{}]', 2],
    ['{"a":1,"b":[2,3]}', 4],
    ['["\\"],[\\\\",{}]', 2],
    ['["\\\\",1]', 2],
    ['["ü,\u{1F600}[",1]', 2],
  ] as const)
    assert.equal(elementsOf(Buffer.from(json)), elements, json)
})

test('what JSON.parse builds is counted exactly, however it is spaced', () => {
  const spaces = fc.constantFrom('', ' ', '\t', '\n  ')
  const property = fc.property(fc.jsonValue({ maxDepth: 6 }), spaces, (value, space) => {
    const json = Buffer.from(JSON.stringify(value, null, space))
    const { elements, depth } = sizeOf(JSON.parse(json.toString()))
    assert.deepEqual(scanJson(json, { elements, depth }), { fits: true, elements })
  })
  fc.assert(property, { numRuns: 1_000 })
})

/** Octets that are JSON often enough, with escapes, broken UTF-8 and control characters among them. */
const pieces = [
  '[',
  ']',
  '{',
  '}',
  ',',
  ':',
  '"',
  '\\',
  '\\"',
  '\\\\',
  '\\u0022',
  '""',
  '"a":',
  '1',
  'null',
  ' ',
]
const octets = fc
  .array(
    fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom(...pieces).map((piece) => Buffer.from(piece)) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 4 }).map((some) => Buffer.from(some)) },
    ),
    { maxLength: 12 },
  )
  .map((parts) => Buffer.concat(parts))

test('of no octets does JSON.parse build more, or deeper, than was counted', () => {
  let read = 0
  const property = fc.property(octets, (json) => {
    const value = parsed(json)
    if (value !== undefined) read += 1
    const { elements, depth } = sizeOf(value)
    assert.ok(elementsOf(json) >= elements)
    if (depth > 0) assert.ok(!scanJson(json, { elements: Infinity, depth: depth - 1 }).fits)
  })
  fc.assert(property, { numRuns: 30_000 })
  assert.ok(read > 500, `only ${read} were JSON`)
})

/** Broken UTF-8 inside a string that JSON.parse accepts, once decoded: it must not swallow the quote after it. */
test('broken UTF-8 in a string hides nothing that comes after it', () => {
  const property = fc.property(fc.uint8Array({ maxLength: 6 }), (broken) => {
    const safe = broken.filter((octet) => octet >= 0x20 && octet !== 0x22 && octet !== 0x5c)
    const json = Buffer.concat([Buffer.from('["'), safe, Buffer.from('",{},{}]')])
    assert.deepEqual([sizeOf(parsed(json)).elements, elementsOf(json)], [3, 3])
  })
  fc.assert(property, { numRuns: 3_000 })
})

test('what is cut off is counted as far as it came', () => {
  const whole = Buffer.from('[{"a":[1,2,{}]},"x,\\"y",[[]]]')
  const counts = Array.from(whole, (_, length) => elementsOf(whole.subarray(0, length)))
  assert.deepEqual(
    counts,
    counts.toSorted((one, other) => one - other),
  )
  assert.equal(elementsOf(whole), 8)
})

test('the limits are the last that fit, and a scan ends at the first that is passed', () => {
  const bounds = { elements: 3, depth: 2 }
  assert.deepEqual(scanJson(Buffer.from('[1,[2]]'), bounds), { fits: true, elements: 3 })
  assert.deepEqual(scanJson(Buffer.from('[1,[2,3]]'), bounds), {
    fits: false,
    because: 'has more than 3 elements',
  })
  assert.deepEqual(scanJson(Buffer.from('[[[]]]'), bounds), {
    fits: false,
    because: 'is nested more than 2 deep',
  })
  const endless = Buffer.from(`[${'{},'.repeat(3_000_000)}`)
  const started = cpuTimeMs()
  assert.equal(scanJson(endless, bounds).fits, false)
  assert.ok(cpuTimeMs() - started < 5)
})

test('JSON within its bounds is parsed; anything else is an answer, not an exception', () => {
  const bounds = { elements: 2, depth: 2 }
  assert.deepEqual(parseJson(Buffer.from('{"a":"ü"}'), bounds), {
    ok: true,
    value: { a: 'ü' },
    elements: 1,
  })
  assert.deepEqual(parseJson(Buffer.from('{"a"'), bounds), {
    ok: false,
    because: 'is not JSON',
    outOfBounds: false,
  })
  assert.deepEqual(parseJson(Buffer.from('[1,2,3'), bounds), {
    ok: false,
    because: 'has more than 2 elements',
    outOfBounds: true,
  })
})
