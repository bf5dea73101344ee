import assert from 'node:assert/strict'
import test from 'node:test'
import { heapInUse } from '../test/kit/heap.ts'
import { heapBytes } from './json.ts'

test('what a value takes of the heap is estimated to within half and double', () => {
  const all: unknown[] = []
  for (const [title, value] of [
    ['empty objects', Array.from({ length: 20 }, () => ({}))],
    ['strings', Array.from({ length: 20 }, (_, number) => `a string of its own: ${number}`)],
    ['a long string', 'x'.repeat(2_000)],
    [
      'objects of one shape',
      Array.from({ length: 10 }, (_, at) => ({ kind: `some kind, ${at}`, value: `some value, ${at}`, at })),
    ],
    ['nested lists', [[[[1], [2]], [3]], [[4]]]],
  ] as const) {
    const json = JSON.stringify(value)
    const before = heapInUse()
    const kept = Array.from({ length: 5_000 }, (): unknown => JSON.parse(json))
    all.push(kept)
    const each = (heapInUse() - before) / kept.length
    const estimate = heapBytes(kept[0])
    assert.ok(estimate >= each / 2 && estimate <= each * 2, `${title}: ${estimate}, and takes ${each}`)
  }
})
