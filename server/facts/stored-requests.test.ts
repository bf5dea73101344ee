import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildRequest } from '../../test/kit/requests/request.ts'
import { goodFacts } from '../../policies/good-request.fixture.ts'
import type { CsrObject } from '../../policies/types.ts'
import { readUnverified } from '../pkcs10/request.ts'
import { keepCsr, type StoredCsr } from './stored-csr.ts'
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

const keep = keepCsr(readUnverified)

function stored(
  name: string,
  changes: { conditions?: string[]; createdAt?: number; username?: string; request?: string } = {},
): StoredCsr {
  const { conditions = [], createdAt = 1_000, username = 'system:node:n1' } = changes
  const kept = keep({
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: new Date(createdAt).toISOString() },
    spec: {
      request: changes.request ?? request,
      signerName: 'kubernetes.io/kubelet-serving',
      usages: [],
      username,
      groups: ['system:nodes'],
    },
    status: { conditions: conditions.map((type) => ({ type, status: 'True' })) },
  })
  return kept ?? assert.fail('it is not kept')
}

const asked = (name: string, createdAt = 1_000, username = 'system:node:n1'): CsrObject => {
  const requester = { username, uid: '', groups: [], extra: {} }
  return { ...goodFacts.csr, name, createdAt, requester }
}

test('an approved request proves what its node was given, a pending or failed one proves nothing', () => {
  const csrs = new FakeStore<StoredCsr>({ a: stored('a') })
  const requests = new StoredRequests(csrs, readUnverified)
  assert.deepEqual(requests.holdings(claims), [])
  csrs.set('a', stored('a', { conditions: ['Approved', 'Failed'] }))
  assert.deepEqual(requests.holdings(claims), [])
  csrs.set('a', stored('a', { conditions: ['Approved'] }))
  const holding = { username: 'system:node:n1', csr: 'a', createdAt: 1_000 }
  assert.deepEqual(requests.holdings(claims), [
    { kind: 'dNSName', value: 'n1', ...holding },
    { kind: 'iPAddress', value: 'c6336401', ...holding },
  ])
})

test('the newest approval counts, and a removed one no longer does', () => {
  const csrs = new FakeStore<StoredCsr>()
  const requests = new StoredRequests(csrs, readUnverified)
  csrs.set('new', stored('new', { conditions: ['Approved'], createdAt: 2_000 }))
  csrs.set('old', stored('old', { conditions: ['Approved'] }))
  assert.equal(requests.holdings(claims)[0]?.csr, 'new')
  csrs.set('new', undefined)
  assert.equal(requests.holdings(claims)[0]?.csr, 'old')
  csrs.set('old', undefined)
  assert.deepEqual(requests.holdings(claims), [])
})

test('a newer pending request counts, one of the same second does not, and itself never does', () => {
  const csrs = new FakeStore<StoredCsr>({ a: stored('a') })
  const requests = new StoredRequests(csrs, readUnverified)
  const csr = asked('a')
  assert.equal(requests.newerPending(csr), null)
  csrs.set('b', stored('b'))
  assert.equal(requests.newerPending(csr), null)
  csrs.set('c', stored('c', { createdAt: 2_000 }))
  assert.equal(requests.newerPending(csr), 'c')
  csrs.set('c', stored('c', { createdAt: 2_000, conditions: ['Approved'] }))
  assert.equal(requests.newerPending(csr), null)
})

test('a request in another name than its requester’s supersedes nothing', () => {
  const username = 'system:node:n2'
  const csrs = new FakeStore<StoredCsr>({ a: stored('a', { username }) })
  csrs.set('b', stored('b', { username, createdAt: 2_000 }))
  const requests = new StoredRequests(csrs, readUnverified)
  assert.equal(requests.newerPending(asked('a', 1_000, username)), null)
})

test('what cannot be read is no evidence and does not throw', () => {
  const csrs = new FakeStore<StoredCsr>({
    a: stored('a', { conditions: ['Approved'], request: 'AAAA' }),
  })
  assert.deepEqual(new StoredRequests(csrs, readUnverified).holdings(claims), [])
})

test('a pending request with a condition that decides nothing still supersedes', () => {
  const csrs = new FakeStore<StoredCsr>({ a: stored('a') })
  csrs.set('b', stored('b', { createdAt: 2_000, conditions: ['Seen'] }))
  assert.equal(new StoredRequests(csrs, readUnverified).newerPending(asked('a')), 'b')
})
