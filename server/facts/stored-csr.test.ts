import assert from 'node:assert/strict'
import test from 'node:test'
import type { JsonObject } from '../ports.ts'
import { buildRequest } from '../../test/kit/requests/request.ts'
import { approval } from '../controller/act.ts'
import { readUnverified } from '../pkcs10/request.ts'
import { unexamined } from './store.fixture.ts'
import { bytesOf, keepCsr, outlineOf, pendingOf, selectPending } from './stored-csr.ts'

function stored(
  changes: { readonly spec?: JsonObject; readonly status?: JsonObject; readonly metadata?: JsonObject } = {},
): JsonObject {
  return {
    metadata: {
      name: 'csr-x',
      uid: 'u-1',
      resourceVersion: '42',
      creationTimestamp: '2026-11-24T08:00:00Z',
      ...changes.metadata,
    },
    spec: {
      request: 'TFMw',
      signerName: 'kubernetes.io/kubelet-serving',
      usages: ['digital signature', 'server auth'],
      username: 'system:node:n1',
      groups: ['system:nodes'],
      ...changes.spec,
    },
    status: changes.status ?? {},
    future: { field: true },
  }
}

const keep = keepCsr(readUnverified, unexamined)
const approvedOn = (lastUpdateTime?: string) => ({
  conditions: [{ type: 'Approved', status: 'True', lastUpdateTime }],
})
const approved = approvedOn('2026-11-24T08:00:04Z')

test('a waiting CSR keeps its request, its version and the conditions of others, unknown fields included', () => {
  const seen = { type: 'Seen', status: 'True', future: [1] }
  const { pending, claims, username } = keep(stored({ status: { conditions: [seen] } })) ?? {}
  assert.ok(pending?.whole)
  assert.deepEqual([pending.request, pending.resourceVersion, pending.conditions], ['TFMw', '42', [seen]])
  assert.deepEqual(
    [claims, username, pending.csr.requester.username],
    [[], 'system:node:n1', 'system:node:n1'],
  )
})

test('a request that was read when it was approved is not read again: it never changes', () => {
  const { request } = buildRequest({ commonName: 'system:node:n1', dnsNames: ['n1'], addresses: [] })
  let reads = 0
  const counting = keepCsr((text) => {
    reads += 1
    return readUnverified(text)
  }, unexamined)
  const before = counting(stored({ spec: { request }, status: approved }))
  const after = counting(
    stored({ spec: { request }, status: approved, metadata: { resourceVersion: '43' } }),
    before,
  )
  assert.deepEqual([after?.claims.at(-1), reads], ['dNSName:n1', 1])
})

test('an approved CSR keeps what it was approved with, and lets its request go', () => {
  const { request } = buildRequest({
    commonName: 'system:node:n1',
    dnsNames: ['N1'],
    addresses: ['10.0.0.3'],
  })
  const read = readUnverified(request)
  assert.ok(read.readable)
  const { spkiSha256 } = read
  const kept = keep(stored({ spec: { request }, status: approved }))
  assert.deepEqual(kept, {
    name: 'csr-x',
    uid: 'u-1',
    username: 'system:node:n1',
    createdAt: Date.parse('2026-11-24T08:00:00Z'),
    approvedAt: Date.parse('2026-11-24T08:00:04Z'),
    claims: [`key:${spkiSha256.slice(0, 32)}`, 'dNSName:n1', 'iPAddress:0a000003'],
    pending: null,
    failure: null,
    byUs: false,
    issued: null,
  })
})

test('an approval is no older than its CSR and at most 15 minutes younger, whatever an approver wrote', () => {
  const keptTime = (written?: string) => keep(stored({ status: approvedOn(written) }))?.approvedAt
  const at = (text: string) => Date.parse(`2026-11-24T${text}Z`)
  assert.equal(keptTime('2026-11-24T08:14:59Z'), at('08:14:59'))
  assert.equal(keptTime('1970-01-01T00:00:00Z'), at('08:00:00'))
  for (const odd of ['2099-01-01T00:00:00Z', 'soon', undefined]) assert.equal(keptTime(odd), at('08:15:00'))
  assert.equal(keep(stored())?.approvedAt, null)
})

test('of an approved CSR larger than any kubelet’s only the public key is kept', () => {
  const names = Array.from({ length: 99 }, (_, index) => `${index}.${'x'.repeat(63)}.${'y'.repeat(63)}`)
  const { request } = buildRequest({ commonName: 'system:node:n1', dnsNames: names })
  const claims = keep(stored({ spec: { request }, status: approved }))?.claims ?? []
  assert.deepEqual([request.length > 16_384, claims.length], [true, 1])
  assert.match(claims[0] ?? '', /^key:[0-9a-f]{32}$/u)
})

test('a denied CSR is not kept at all', () => {
  assert.equal(keep(stored({ status: { conditions: [{ type: 'Denied', status: 'True' }] } })), undefined)
})

test('an approved CSR that the signer refused says why, and proves nothing', () => {
  const failed = { type: 'Failed', reason: 'SignerValidationFailure', message: 'no' }
  const kept = keep(stored({ status: { conditions: [...approved.conditions, failed] } }))
  assert.deepEqual(kept?.failure, { reason: 'SignerValidationFailure', message: 'no' })
  assert.deepEqual(kept.claims, [])
})

test('an issued certificate is examined once, with its parsed request, and what was seen is kept', () => {
  const examined: string[] = []
  const seen = { notAfter: 7, mismatches: [] }
  const keeping = keepCsr(readUnverified, (certificate, { request }) => {
    examined.push(`${certificate} ${request.readable}`)
    return seen
  })
  const waiting = keeping(stored())
  const before = keeping(stored({ status: approved }))
  assert.deepEqual([waiting?.issued, before?.issued], [null, null])
  const issued = { ...approved, certificate: 'Q0VS' }
  const after = keeping(stored({ status: issued }), before)
  assert.equal(keeping(stored({ status: issued }), after)?.issued, seen)
  assert.deepEqual([after?.issued, examined], [seen, ['Q0VS false']])
})

test('whether we approved it is read from our words in the condition', () => {
  const by = (message: string) =>
    keep(stored({ status: { conditions: [{ type: 'Approved', status: 'True', message }] } }))?.byUs
  assert.equal(by(approval('system:node:n1', 'u', 'h').message), true)
  for (const other of ['', 'This CSR was approved by kubectl certificate approve.'])
    assert.equal(by(other), false)
})

test('what a request weighs while it is judged is bounded', () => {
  assert.equal(selectPending(stored({ spec: { request: 'A'.repeat(3_000_000) } }))?.request.length, 131_072)
})

test('the outline of a CSR says whose it is and that it waits, and takes no room', () => {
  const whole = keep(stored({ spec: { request: 'A'.repeat(40_000) } }))
  assert.ok(whole !== undefined)
  const outline = outlineOf(whole)
  assert.deepEqual(outline, { ...whole, pending: { resourceVersion: '42', whole: false } })
  assert.ok(bytesOf(whole) > 40_000)
  assert.equal(bytesOf(outline), 0)
  const decided = keep(stored({ status: approved }))
  assert.ok(decided !== undefined)
  assert.deepEqual([outlineOf(decided), bytesOf(decided)], [decided, 0])
})

test('a CSR with a name longer than any is not kept at all', () => {
  assert.equal(keep(stored({ metadata: { name: 'x'.repeat(253) } }))?.name.length, 253)
  assert.equal(keep(stored({ metadata: { name: 'x'.repeat(254) } })), undefined)
})

test('an object without uid, version or requester’s words is no CSR', () => {
  for (const object of [
    stored({ metadata: { uid: undefined } }),
    stored({ metadata: { resourceVersion: '' } }),
    stored({ spec: { usages: 'server auth' } }),
    {},
  ])
    assert.deepEqual([keep(object), selectPending(object)], [undefined, undefined])
})

test('pending CSRs are counted with the age of the oldest, if they are to be counted', () => {
  const [own, foreign] = [keep(stored()), keep(stored({ spec: { username: 'admin' } }))]
  assert.ok(own !== undefined && foreign !== undefined)
  const now = foreign.createdAt + 60_000
  const all = [own, foreign, { ...foreign, pending: null }]
  assert.deepEqual(
    pendingOf(all, now, () => true),
    { count: 2, oldestSeconds: 60 },
  )
  const isAdmin = ({ username }: { readonly username: string }): boolean => username === 'admin'
  assert.equal(pendingOf(all, now, isAdmin).count, 1)
  assert.deepEqual(
    pendingOf(all, now, () => false),
    { count: 0, oldestSeconds: 0 },
  )
})
