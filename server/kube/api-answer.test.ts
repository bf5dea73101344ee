import assert from 'node:assert/strict'
import test from 'node:test'
import { parseRetryAfter, parseResponse } from './api-answer.ts'

const now = Date.parse('2026-11-24T08:00:00Z')

test('Retry-After is a number of seconds or a date by the server’s clock, and is limited to five minutes', () => {
  assert.equal(parseRetryAfter('1', now), 1_000)
  assert.equal(parseRetryAfter('0', now), 0)
  assert.equal(parseRetryAfter('Tue, 24 Nov 2026 08:00:30 GMT', now), 30_000)
  assert.equal(parseRetryAfter('Tue, 24 Nov 2026 07:00:00 GMT', now), 0)
  assert.equal(parseRetryAfter('86400', now), 300_000)
  for (const unreadable of [undefined, 'soon', '', '-5x'])
    assert.equal(parseRetryAfter(unreadable, now), null)
})

test('reason and message come from the Status, with the message truncated to 1,024 characters', () => {
  const status = { kind: 'Status', reason: 'Forbidden', message: 'm'.repeat(5_000), code: 403 }
  const answer = parseResponse({ status: 403, headers: {}, body: Buffer.from(JSON.stringify(status)) }, now)
  assert.equal(answer.ok ? '' : answer.reason, 'Forbidden')
  assert.equal(answer.ok ? 0 : answer.message.length, 1_024)
})

test('an object with an HTTP error status is a failure', () => {
  const body = Buffer.from('{"kind":"CertificateSigningRequest"}')
  const answer = parseResponse({ status: 500, headers: { 'content-type': 'application/json' }, body }, now)
  assert.deepEqual(answer, {
    ok: false,
    status: 500,
    reason: 'Unreadable',
    message: 'HTTP 500 with 36 bytes of application/json that is not a Kubernetes object',
    retryAfterMs: null,
  })
})

test('an answer with more elements than any object is not parsed', () => {
  const body = Buffer.from(`{"kind":"Node","images":[${'{},'.repeat(100_000)}{}]}`)
  const answer = parseResponse({ status: 200, headers: { 'content-type': 'application/json' }, body }, now)
  assert.deepEqual(answer, {
    ok: false,
    status: 200,
    reason: 'Unreadable',
    message: `HTTP 200 with ${body.length} bytes of application/json that has more than 16384 elements`,
    retryAfterMs: null,
  })
})
