import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { memoize } from './memoize.ts'

test('what is read off an object is read once, and off another again', () => {
  let reads = 0
  const read = memoize((key: { readonly of: string }) => ({ text: key.of, read: (reads += 1) }))
  const [one, other] = [{ of: 'one' }, { of: 'other' }]
  equal(read(one), read(one))
  equal(read(other).text, 'other')
  equal(reads, 2)
})
