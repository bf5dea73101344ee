import assert from 'node:assert/strict'
import test from 'node:test'
import type { JsonObject } from '../ports.ts'
import { keepCsr, selectCsr } from './stored-csr.ts'

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

test('a pending CSR keeps the object exactly as it was read, unknown fields included', () => {
  const object = stored()
  const selected = selectCsr(object)
  assert.equal(selected?.raw, object)
  assert.equal(selected?.resourceVersion, '42')
  assert.equal(selected?.request, 'TFMw')
  assert.equal(selected?.csr.requester.username, 'system:node:n1')
})

test('an approved CSR keeps its request but not its object', () => {
  const selected = selectCsr(stored({ status: { conditions: [{ type: 'Approved', status: 'True' }] } }))
  assert.equal(selected?.raw, null)
  assert.equal(selected?.request, 'TFMw')
  assert.equal(selected?.failure, null)
})

test('a denied CSR is not kept', () => {
  assert.equal(selectCsr(stored({ status: { conditions: [{ type: 'Denied', status: 'True' }] } })), undefined)
})

test('an approved CSR that the signer refused keeps the signer’s reason', () => {
  const conditions = [
    { type: 'Approved' },
    { type: 'Failed', reason: 'SignerValidationFailure', message: 'no' },
  ]
  assert.deepEqual(selectCsr(stored({ status: { conditions } }))?.failure, {
    reason: 'SignerValidationFailure',
    message: 'no',
  })
})

test('the length of a kept request is bounded', () => {
  const selected = selectCsr(stored({ spec: { request: 'A'.repeat(3_000_000) } }))
  assert.equal(selected?.request.length, 131_072)
})

test('a CSR larger than any kubelet’s is kept without its request and object', () => {
  assert.deepEqual(keepCsr(stored()), selectCsr(stored()))
  for (const large of [
    stored({ spec: { request: 'A'.repeat(40_000) } }),
    stored({ metadata: { annotations: { a: 'x'.repeat(40_000) } } }),
  ]) {
    const kept = keepCsr(large)
    assert.deepEqual([kept?.raw, kept?.request, kept?.csr.name], [null, '', 'csr-x'])
  }
})

test('a CSR with a name longer than 253 characters is not kept', () => {
  assert.equal(keepCsr(stored({ metadata: { name: 'x'.repeat(253) } }))?.csr.name.length, 253)
  assert.equal(keepCsr(stored({ metadata: { name: 'x'.repeat(254) } })), undefined)
})

test('an object without uid, resourceVersion or valid usages is not a CSR', () => {
  assert.equal(selectCsr(stored({ metadata: { uid: undefined } })), undefined)
  assert.equal(selectCsr(stored({ metadata: { resourceVersion: '' } })), undefined)
  assert.equal(selectCsr(stored({ spec: { usages: 'server auth' } })), undefined)
  assert.equal(selectCsr({}), undefined)
})
