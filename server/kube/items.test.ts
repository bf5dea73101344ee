import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { type Item, ListSplitter, OBJECT_MAX_BYTES } from './items.ts'

const object = (name: string, more: object = {}): object => ({
  metadata: { name, uid: `u-${name}` },
  ...more,
})
const listOf = (items: readonly object[]): string =>
  JSON.stringify({ kind: 'NodeList', metadata: { resourceVersion: '7', continue: 'next' }, items })

/** Splits a text that arrives in chunks of `size` octets. */
function split(text: string | Buffer, size: number) {
  const octets = Buffer.from(text)
  const items: Item[] = []
  const splitter = new ListSplitter((item) => void items.push(item))
  for (let at = 0; at < octets.length; at += size) splitter.push(octets.subarray(at, at + size))
  return { items, list: splitter.end() }
}

test('a list gives its items one by one and the rest as one object, however it is cut on its way', () => {
  const items = [
    object('n1', { spec: { a: [1, [2, { b: '}]"\\' }]], empty: [], none: {} } }),
    object('n2', { text: 'ü "items":[{' }),
  ]
  for (const size of [1, 2, 3, 7, 64, 10_000]) {
    const { items: found, list } = split(listOf(items), size)
    assert.deepEqual(
      found.map((item) => item.readable && item.object),
      items,
    )
    assert.deepEqual(list, {
      kind: 'NodeList',
      metadata: { resourceVersion: '7', continue: 'next' },
      items: [],
    })
  }
})

test('any JSON object comes out of a list as it went in', () => {
  const property = fc.property(
    fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
    fc.integer({ min: 1, max: 99 }),
    (items, size) => {
      const { items: found } = split(listOf(items), size)
      assert.deepEqual(
        found.map((item) => item.readable && item.object),
        JSON.parse(JSON.stringify(items)),
      )
    },
  )
  fc.assert(property, { numRuns: 300 })
})

test('an empty list, also one that says null, is a list without items', () => {
  for (const items of ['[]', 'null', ' [ ] ']) {
    const { items: found, list } = split(
      `{"kind":"NodeList","metadata":{"resourceVersion":"7"},"items":${items}}`,
      5,
    )
    assert.equal(found.length, 0)
    assert.equal(list?.['kind'], 'NodeList')
  }
})

test('what is cut off, is not JSON or is a page of a proxy is no list', () => {
  const whole = listOf([object('n1')])
  for (const text of [whole.slice(0, -1), whole.slice(0, 60), '<html><body>404</body></html>', '', '[]'])
    assert.equal(split(text, 16).list, undefined, text)
})

test('one object that is too large is that object, by its name, and the others come', () => {
  const huge = object('huge', { pad: '<'.repeat(OBJECT_MAX_BYTES) })
  const { items, list } = split(listOf([object('n1'), huge, object('n2')]), 65_536)
  const because = `is larger than ${OBJECT_MAX_BYTES} bytes`
  assert.deepEqual(items[1], { readable: false, key: 'huge', because })
  assert.deepEqual(
    items.map((item) => item.readable),
    [true, false, true],
  )
  assert.ok(list !== undefined)
})

test('one object that would become too large is that object, by its name, and the others come', () => {
  for (const [more, because] of [
    [{ images: Array.from({ length: 20_000 }, () => ({})) }, 'has more than 16384 elements'],
    [JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`), 'is nested more than 32 deep'],
  ] as const) {
    const { items, list } = split(listOf([object('n1'), object('huge', more), object('n2')]), 65_536)
    assert.deepEqual(items[1], { readable: false, key: 'huge', because })
    assert.deepEqual(
      items.map((item) => item.readable),
      [true, false, true],
    )
    assert.ok(list !== undefined)
  }
})

test('no content of an object that is too large can pretend to be another’s name', () => {
  const huge = `{"kind":"Node","metadata":{"name":"liar","annotations":{"a":"\\"metadata\\":{\\"name\\":\\"victim\\""}},"pad":"${'x'.repeat(OBJECT_MAX_BYTES)}"}`
  const { items } = split(`{"kind":"NodeList","metadata":{},"items":[${huge}]}`, 65_536)
  assert.equal(items[0]?.readable === false && items[0].key, 'liar')
})

test('an object of a namespace is known by both names', () => {
  const huge = `{"metadata":{"name":"web","namespace":"shop"},"pad":"${'x'.repeat(OBJECT_MAX_BYTES)}"}`
  const { items } = split(`{"kind":"ServiceList","metadata":{},"items":[${huge}]}`, 65_536)
  assert.equal(items[0]?.readable === false && items[0].key, 'shop/web')
})

test('what is around the items is bounded', () => {
  assert.throws(() => split(`{"kind":"${'x'.repeat(100_000)}"`, 4_096), /holds more than its items/u)
})
