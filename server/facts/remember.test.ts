import assert from 'node:assert/strict'
import { test } from 'node:test'
import { remember } from './remember.ts'

function counting(entries: number) {
  const asked: string[] = []
  const fault = (request: string) =>
    ({ readable: false, code: request.slice(0, 8), at: 0, message: '' }) as const
  const remembered = remember((request) => {
    asked.push(request)
    return fault(request)
  }, entries)
  return { ...remembered, asked }
}

test('a request is parsed once while it is cached', () => {
  const { read, recall, asked } = counting(2)
  assert.equal(recall('a'), undefined)
  assert.equal(read('a'), read('a'))
  assert.equal(recall('a'), read('a'))
  assert.deepEqual(asked, ['a'])
})

test('the least recently used request is dropped first', () => {
  const { read, asked } = counting(2)
  for (const request of ['a', 'b', 'a', 'c', 'a', 'b']) read(request)
  assert.deepEqual(asked, ['a', 'b', 'c', 'b'])
})

test('a long request is parsed each time and never cached', () => {
  const { read, recall, asked } = counting(2)
  const long = 'x'.repeat(4 * 1024 + 1)
  read(long)
  read(long)
  assert.equal(recall(long), undefined)
  assert.equal(asked.length, 2)
})
