import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ParsedRequest, San } from '../../policies/types.ts'
import { buildRequest } from '../../test/kit/requests/request.ts'
import { implicit } from '../../test/kit/requests/der.ts'
import { heapInUse } from '../../test/kit/heap.ts'
import { readRequest } from '../pkcs10/request.ts'
import { ParsedRequests } from './parsed-requests.ts'

/** Of some 1 kB with a text of one letter, and 250 bytes more with each name. */
const readingOf = (names = 0): ParsedRequest => ({
  readable: true,
  subject: [],
  attributes: [],
  extensions: [],
  sans: Array.from({ length: names }, (): San => ({ kind: 'dNSName', value: 'n'.repeat(100), at: 0 })),
  key: { type: 'Ed25519', bits: 256, at: 0 },
  signature: { algorithm: 'Ed25519', fitsKey: true, verified: true, at: 0 },
  spkiSha256: '0'.repeat(64),
})

function begin(maxBytes: number) {
  const asked: string[] = []
  const parsed = new ParsedRequests((request) => {
    asked.push(request)
    return readingOf()
  }, maxBytes)
  const use = (request: string): void => {
    const reading = parsed.read(request)
    if (reading.readable) parsed.keep(request, reading)
  }
  return { parsed, use, asked }
}

test('a request is parsed once while it is kept, and each time unless it is kept', () => {
  const { parsed, use, asked } = begin(100_000)
  parsed.read('a')
  use('a')
  assert.equal(parsed.read('a'), parsed.read('a'))
  assert.deepEqual(asked, ['a', 'a'])
})

test('the request that was used least recently goes first', () => {
  const { use, asked } = begin(2_000)
  for (const request of ['a', 'b', 'a', 'c', 'a', 'b']) use(request)
  assert.deepEqual(asked, ['a', 'b', 'c', 'b'])
})

test('one request that is larger than any is parsed each time, and displaces none', () => {
  const { parsed, asked } = begin(100_000)
  const long = 'x'.repeat(20_000)
  parsed.keep('a', readingOf())
  parsed.keep('many', readingOf(100))
  parsed.keep(long, readingOf())
  for (const request of ['a', 'many', long]) parsed.read(request)
  assert.deepEqual(asked, ['many', long])
})

test('however many requests are kept, and whatever they hold, they stay within the budget', () => {
  const budget = 2_000_000
  let count = 0
  const parsed = new ParsedRequests((text) => {
    count += 1
    return readRequest(text)
  }, budget)
  const otherNames = Array.from({ length: 60 }, (_, number) => implicit(8, Uint8Array.of(0x2a, number)))
  const { request } = buildRequest({ otherNames })
  const before = heapInUse()
  for (let number = 0; number < 3_000; number += 1) {
    const reading = readRequest(request)
    assert.ok(reading.readable)
    parsed.keep(`${request}${number}`, reading)
  }
  const grown = heapInUse() - before
  assert.ok(grown < 2 * budget, `${grown} bytes`)
  for (let number = 0; number < 3_000; number += 1) parsed.read(`${request}${number}`)
  assert.ok(count > 2_600 && count < 2_950, `${3_000 - count} were kept`)
})
