import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leaseBody, readLease } from './lease-record.ts'

const stored = {
  metadata: {
    name: 'controller',
    namespace: 'webhook',
    uid: 'u1',
    resourceVersion: '7',
    labels: { 'app.kubernetes.io/managed-by': 'Helm' },
    annotations: { 'meta.helm.sh/release-name': 'webhook' },
  },
  spec: {
    holderIdentity: 'a',
    leaseDurationSeconds: 15,
    leaseTransitions: 2,
    acquireTime: '2026-11-24T08:00:00.000000Z',
  },
}

test('a Lease keeps its labels and annotations', () => {
  const before = readLease(stored)
  assert.ok(before !== undefined)
  const body = leaseBody(
    { namespace: 'webhook', name: 'controller' },
    { holder: 'b', durationMs: 15_000, now: 0, before },
  )
  assert.deepEqual(body['metadata'], stored.metadata)
  assert.deepEqual(body['spec'], {
    holderIdentity: 'b',
    leaseDurationSeconds: 15,
    acquireTime: '1970-01-01T00:00:00.000000Z',
    renewTime: '1970-01-01T00:00:00.000000Z',
    leaseTransitions: 3,
  })
})

test('an object without resourceVersion is not a Lease', () => {
  assert.equal(readLease({ metadata: { name: 'controller' } }), undefined)
  assert.equal(readLease({ metadata: [], spec: 5 }), undefined)
})
