import assert from 'node:assert/strict'
import test from 'node:test'
import type { CsrObject, NodeFacts, ParsedRequest } from '../../policies/types.ts'
import { Waiting } from './waiting.ts'

const node = (name: string, changes: Partial<NodeFacts> = {}): NodeFacts => ({
  name,
  uid: `uid-${name}`,
  createdAt: 0,
  deleting: false,
  uninitialized: false,
  controlPlane: false,
  names: [name],
  addresses: [],
  ...changes,
})

const csr: CsrObject = {
  name: 'csr-1',
  uid: 'u',
  createdAt: 0,
  deleting: false,
  finalizers: 0,
  ownerReferences: 0,
  signerName: 'kubernetes.io/kubelet-serving',
  usages: [],
  expirationSeconds: null,
  requester: { username: 'system:node:n1', uid: '', groups: [], extra: {} },
  conditions: [],
  issued: false,
}

const request: ParsedRequest = {
  readable: true,
  subject: [],
  attributes: [],
  extensions: [],
  sans: [
    { kind: 'dNSName', value: 'N1.Example', at: 0 },
    { kind: 'iPAddress', value: '0a000001', at: 0 },
  ],
  key: { type: 'Ed25519', bits: 256, at: 0 },
  signature: { algorithm: 'Ed25519', fitsKey: true, verified: true, at: 0 },
  spkiSha256: '',
}

function waiting(): Waiting {
  const waits = new Waiting()
  waits.remember(csr, request)
  return waits
}

test('a change of its own Node touches a waiting CSR', () => {
  const change = { key: 'n1', before: node('n1'), after: node('n1', { addresses: ['0a000001'] }) }
  assert.deepEqual(waiting().touchedBy(change), ['csr-1'])
  assert.deepEqual(waiting().touchedBy({ key: 'n1', before: undefined, after: node('n1') }), ['csr-1'])
  assert.deepEqual(
    waiting().touchedBy({ key: 'n1', before: node('n1'), after: node('n1', { uid: 'new' }) }),
    ['csr-1'],
  )
})

test('another Node touches it that begins or ceases to report what it asks for', () => {
  const claiming = node('n2', { addresses: ['0a000001'] })
  assert.deepEqual(waiting().touchedBy({ key: 'n2', before: node('n2'), after: claiming }), ['csr-1'])
  assert.deepEqual(waiting().touchedBy({ key: 'n2', before: claiming, after: undefined }), ['csr-1'])
  assert.deepEqual(waiting().touchedBy({ key: 'n1.example', before: undefined, after: node('n1.example') }), [
    'csr-1',
  ])
})

test('what does not concern it touches it not', () => {
  const claiming = node('n2', { addresses: ['0a000001'] })
  assert.deepEqual(waiting().touchedBy({ key: 'n2', before: claiming, after: { ...claiming, uid: 'x' } }), [])
  assert.deepEqual(waiting().touchedBy({ key: 'n3', before: undefined, after: node('n3') }), [])
  assert.deepEqual(waiting().touchedBy({ key: 'n1', before: node('n1'), after: node('n1') }), [])
})

test('a CSR that waits no more is touched by nothing', () => {
  const waits = waiting()
  waits.forget('csr-1')
  assert.deepEqual(waits.touchedBy({ key: 'n1', before: undefined, after: node('n1') }), [])
})
