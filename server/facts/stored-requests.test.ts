import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildRequest } from '../../test/kit/requests/request.ts'
import { goodFacts } from '../../policies/good-request.fixture.ts'
import type { CsrObject, ParsedRequest } from '../../policies/types.ts'
import { readUnverified } from '../pkcs10/request.ts'
import { keepCsr, type StoredCsr } from './stored-csr.ts'
import { StoredRequests } from './stored-requests.ts'
import { FakeStore, unexamined } from './store.fixture.ts'

const { request } = buildRequest({
  commonName: 'system:node:n1',
  dnsNames: ['N1'],
  addresses: ['198.51.100.1'],
})

const NAME = 'dNSName:n1'
const ADDRESS = 'iPAddress:c6336401'

const keep = keepCsr(readUnverified, unexamined)

function readable(text: string): ParsedRequest {
  const read = readUnverified(text)
  return read.readable ? read : assert.fail(read.message)
}

function stored(
  name: string,
  changes: {
    conditions?: string[]
    createdAt?: number
    username?: string
    request?: string
    version?: string
    approvedAt?: number
  } = {},
): StoredCsr {
  const { conditions = [], createdAt = 1_000, username = 'system:node:n1', version = '1' } = changes
  const lastUpdateTime = new Date(changes.approvedAt ?? createdAt).toISOString()
  const kept = keep({
    metadata: {
      name,
      uid: name,
      resourceVersion: version,
      creationTimestamp: new Date(createdAt).toISOString(),
    },
    spec: {
      request: changes.request ?? request,
      signerName: 'kubernetes.io/kubelet-serving',
      usages: [],
      username,
      groups: ['system:nodes'],
    },
    status: { conditions: conditions.map((type) => ({ type, status: 'True', lastUpdateTime })) },
  })
  return kept ?? assert.fail('it is not kept')
}

const asked = (name: string, createdAt = 1_000, username = 'system:node:n1'): CsrObject => {
  const requester = { username, uid: '', groups: [], extra: {} }
  return { ...goodFacts.csr, name, uid: name, createdAt, requester }
}

const having = (requests: StoredRequests, claim = NAME): string[] =>
  [...requests.approvedWith(claim)].map(({ name }) => name)

test('an approved request proves what its node was given, a pending or failed one proves nothing', () => {
  const csrs = new FakeStore<StoredCsr>({ a: stored('a') })
  const requests = new StoredRequests(csrs, readUnverified)
  assert.deepEqual(having(requests), [])
  csrs.set('a', stored('a', { conditions: ['Approved', 'Failed'] }))
  assert.deepEqual([having(requests), requests.approvedOf('system:node:n1')], [[], []])
  csrs.set('a', stored('a', { conditions: ['Approved'] }))
  assert.deepEqual([having(requests), having(requests, ADDRESS)], [['a'], ['a']])
  assert.deepEqual(requests.approvedOf('system:node:n1'), [csrs.get('a')])
  assert.deepEqual(requests.approvedOf('system:node:n2'), [])
})

test('a removed approval no longer counts', () => {
  const csrs = new FakeStore<StoredCsr>()
  const requests = new StoredRequests(csrs, readUnverified)
  csrs.set('new', stored('new', { conditions: ['Approved'], createdAt: 2_000 }))
  csrs.set('old', stored('old', { conditions: ['Approved'] }))
  csrs.set('new', undefined)
  assert.deepEqual(having(requests), ['old'])
  csrs.set('old', undefined)
  assert.deepEqual(having(requests), [])
})

test('a newer pending request counts, and itself never does', () => {
  const csrs = new FakeStore<StoredCsr>({ a: stored('a') })
  const requests = new StoredRequests(csrs, readUnverified)
  const csr = asked('a')
  assert.equal(requests.newerPending(csr), null)
  csrs.set('c', stored('c', { createdAt: 2_000 }))
  assert.equal(requests.newerPending(csr), 'c')
  csrs.set('c', stored('c', { createdAt: 2_000, conditions: ['Approved'] }))
  assert.equal(requests.newerPending(csr), null)
})

test('of requests of one second the one written last is the newest, and exactly one has no newer', () => {
  const versions = { a: '99', b: '101', c: '100' }
  const csrs = new FakeStore<StoredCsr>()
  const requests = new StoredRequests(csrs, readUnverified)
  for (const [name, version] of Object.entries(versions)) csrs.set(name, stored(name, { version }))
  const newer = () => Object.keys(versions).map((name) => requests.newerPending(asked(name)))
  assert.deepEqual(newer(), ['b', null, 'b'])
  csrs.set('b', stored('b', { conditions: ['Approved'] }))
  assert.deepEqual(newer().slice(0, 1), ['c'])
  assert.equal(requests.newerPending(asked('c')), null)
})

test('a CSR that the watch has not shown yet is newer than those of its second', () => {
  const csrs = new FakeStore<StoredCsr>({ a: stored('a', { version: '100' }) })
  const requests = new StoredRequests(csrs, readUnverified)
  assert.equal(requests.newerPending(asked('unseen')), null)
  assert.equal(requests.newerPending(asked('unseen', 999)), 'a')
})

test('approvals of the same user count, whoever approved, but not its own', () => {
  const csrs = new FakeStore<StoredCsr>()
  const requests = new StoredRequests(csrs, readUnverified)
  csrs.set('a', stored('a', { conditions: ['Approved'], approvedAt: 3_000 }))
  csrs.set('b', stored('b', { conditions: ['Approved', 'Failed'], approvedAt: 4_000 }))
  csrs.set('c', stored('c'))
  csrs.set('d', stored('d', { conditions: ['Approved'], username: 'system:node:n2' }))
  assert.deepEqual(requests.approvals(asked('c')), [3_000, 4_000])
  assert.deepEqual(requests.approvals(asked('a')), [4_000])
  csrs.set('b', undefined)
  assert.deepEqual(requests.approvals(asked('c')), [3_000])
})

test('a public key that another CSR was approved with is found, whichever node that was of', () => {
  const csrs = new FakeStore<StoredCsr>()
  const requests = new StoredRequests(csrs, readUnverified)
  const parsed = readable(request)
  csrs.set('a', stored('a'))
  csrs.set('b', stored('b', { conditions: ['Approved', 'Failed'] }))
  assert.equal(requests.sameKey(asked('c'), parsed), null)
  csrs.set('a', stored('a', { conditions: ['Approved'], username: 'system:node:n2' }))
  assert.deepEqual(requests.sameKey(asked('c'), parsed), { csr: 'a', username: 'system:node:n2' })
  assert.equal(requests.sameKey(asked('a'), parsed), null)
  const other = readable(buildRequest({ commonName: 'system:node:n1' }).request)
  assert.equal(requests.sameKey(asked('c'), other), null)
})

test('an approval counts from when it was sent, and once: also after the watch has shown it', () => {
  const csrs = new FakeStore<StoredCsr>({ a: stored('a', { version: '2' }), b: stored('b') })
  const requests = new StoredRequests(csrs, readUnverified)
  const parsed = readable(request)
  const told = () => [requests.approvals(asked('b')), requests.sameKey(asked('b'), parsed)?.csr]
  assert.equal(requests.newerPending(asked('b')), 'a')
  requests.noteApproval({ ...goodFacts, csr: asked('a'), request: parsed, now: 5_000 })
  assert.deepEqual(told(), [[5_000], 'a'])
  assert.equal(requests.newerPending(asked('b')), null)
  csrs.set('a', stored('a', { version: '3', conditions: ['Seen'] }))
  assert.deepEqual(told(), [[5_000], 'a'])
  csrs.set('a', stored('a', { conditions: ['Approved'], approvedAt: 6_000 }))
  assert.deepEqual(told(), [[6_000], 'a'])
  requests.noteApproval({ ...goodFacts, csr: asked('a'), request: parsed, now: 5_000 })
  assert.deepEqual(told(), [[6_000], 'a'])
})

test('an approval that was sent counts although its CSR is displaced, and no longer than a watch may lag', () => {
  const csrs = new FakeStore<StoredCsr>({ a: stored('a') })
  const requests = new StoredRequests(csrs, readUnverified)
  const note = (name: string, now: number) =>
    requests.noteApproval({ ...goodFacts, csr: asked(name), request: readable(request), now })
  note('a', 5_000)
  csrs.set('a', undefined)
  note('z', 80_000)
  assert.deepEqual(requests.approvals(asked('b')), [5_000, 80_000])
  note('z', 80_001)
  assert.deepEqual(requests.approvals(asked('b')), [80_001])
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
  assert.deepEqual(having(new StoredRequests(csrs, readUnverified)), [])
})

test('a pending request with a condition that decides nothing still supersedes', () => {
  const csrs = new FakeStore<StoredCsr>({ a: stored('a') })
  csrs.set('b', stored('b', { createdAt: 2_000, conditions: ['Seen'] }))
  assert.equal(new StoredRequests(csrs, readUnverified).newerPending(asked('a')), 'b')
})
