import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildRequest } from '../../test/kit/requests/request.ts'
import type { CsrObject } from '../../policies/types.ts'
import { readUnverified } from '../pkcs10/request.ts'
import type { CsrReading } from '../ports.ts'
import { StoredRequests } from './stored-requests.ts'
import { FakeStore } from './store.fixture.ts'

const { request } = buildRequest({
  commonName: 'system:node:n1',
  dnsNames: ['N1'],
  addresses: ['198.51.100.1'],
})

const claims = [
  { kind: 'dNSName', value: 'n1', node: 'n2', controlPlane: false },
  { kind: 'iPAddress', value: 'c6336401', node: 'n2', controlPlane: false },
] as const

function stored(name: string, changes: Partial<CsrObject> = {}): CsrReading {
  const requester = { username: 'system:node:n1', uid: '', groups: [], extra: {} }
  const csr = {
    name,
    uid: name,
    createdAt: 1_000,
    deleting: false,
    finalizers: 0,
    ownerReferences: 0,
    requester,
  }
  const asked = { signerName: 'kubernetes.io/kubelet-serving', usages: [], expirationSeconds: null }
  return { csr: { ...csr, ...asked, conditions: [], issued: false, ...changes }, request }
}

test('an approved request is evidence of its names, and a pending, denied or failed request is not', () => {
  const csrs = new FakeStore<CsrReading>({ a: stored('a') })
  const requests = new StoredRequests(csrs, readUnverified)
  assert.deepEqual(requests.holdings(claims), [])
  for (const conditions of [['Denied'], ['Approved', 'Failed']]) {
    csrs.set('a', stored('a', { conditions }))
    assert.deepEqual(requests.holdings(claims), [], conditions.join())
  }
  csrs.set('a', stored('a', { conditions: ['Approved'] }))
  const holding = { username: 'system:node:n1', csr: 'a', createdAt: 1_000 }
  assert.deepEqual(requests.holdings(claims), [
    { kind: 'dNSName', value: 'n1', ...holding },
    { kind: 'iPAddress', value: 'c6336401', ...holding },
  ])
})

test('the newest approval counts, and a deleted one does not', () => {
  const csrs = new FakeStore<CsrReading>()
  const requests = new StoredRequests(csrs, readUnverified)
  csrs.set('new', stored('new', { conditions: ['Approved'], createdAt: 2_000 }))
  csrs.set('old', stored('old', { conditions: ['Approved'] }))
  assert.equal(requests.holdings(claims)[0]?.csr, 'new')
  csrs.set('new', undefined)
  assert.equal(requests.holdings(claims)[0]?.csr, 'old')
  csrs.set('old', undefined)
  assert.deepEqual(requests.holdings(claims), [])
})

test('a newer pending request supersedes, and one of the same second or the request itself does not', () => {
  const csrs = new FakeStore<CsrReading>({ a: stored('a') })
  const requests = new StoredRequests(csrs, readUnverified)
  const { csr } = stored('a')
  assert.equal(requests.newerPending(csr), null)
  csrs.set('b', stored('b'))
  assert.equal(requests.newerPending(csr), null)
  csrs.set('c', stored('c', { createdAt: 2_000 }))
  assert.equal(requests.newerPending(csr), 'c')
  csrs.set('c', stored('c', { createdAt: 2_000, conditions: ['Denied'] }))
  assert.equal(requests.newerPending(csr), null)
})

test('a request whose common name is not its requester supersedes nothing', () => {
  const requester = { username: 'system:node:n2', uid: '', groups: [], extra: {} }
  const csrs = new FakeStore<CsrReading>({ a: stored('a', { requester }) })
  csrs.set('b', stored('b', { requester, createdAt: 2_000 }))
  const requests = new StoredRequests(csrs, readUnverified)
  assert.equal(requests.newerPending(stored('a', { requester }).csr), null)
})

test('a request is parsed once per object, however often the object changes', () => {
  let reads = 0
  const csrs = new FakeStore<CsrReading>()
  const requests = new StoredRequests(csrs, (text) => {
    reads += 1
    return readUnverified(text)
  })
  csrs.set('a', stored('a'))
  csrs.set('a', stored('a', { conditions: ['Approved'] }))
  csrs.set('a', stored('a', { conditions: ['Approved'], issued: true }))
  assert.deepEqual([reads, requests.holdings(claims).length], [1, 2])
  csrs.set('a', stored('a', { uid: 'another', conditions: ['Approved'] }))
  assert.equal(reads, 2)
})

test('an unreadable request is no evidence and does not throw', () => {
  const csrs = new FakeStore<CsrReading>({
    a: { ...stored('a', { conditions: ['Approved'] }), request: 'AAAA' },
  })
  assert.deepEqual(new StoredRequests(csrs, readUnverified).holdings(claims), [])
})

test('an approved CSR for another signer is no evidence', () => {
  const foreign = stored('a', { conditions: ['Approved'], signerName: 'example.com/any' })
  assert.deepEqual(new StoredRequests(new FakeStore({ a: foreign }), readUnverified).holdings(claims), [])
})

test('a pending request with an unrelated condition still supersedes', () => {
  const csrs = new FakeStore<CsrReading>({ a: stored('a') })
  csrs.set('b', stored('b', { createdAt: 2_000, conditions: ['Seen'] }))
  assert.equal(new StoredRequests(csrs, readUnverified).newerPending(stored('a').csr), 'b')
})
