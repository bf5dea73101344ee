import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../ports.ts'
import { selectNode } from './nodes.ts'

type Entry = { readonly type: string; readonly address: string }

function node(addresses: readonly Entry[], changes: JsonObject = {}): JsonObject {
  const metadata = { name: 'n1', uid: 'u1', creationTimestamp: '2026-11-24T08:00:00Z' }
  return { metadata, spec: {}, status: { addresses }, ...changes }
}

function addressesOf(...texts: string[]): readonly string[] | undefined {
  return selectNode(node(texts.map((address) => ({ type: 'InternalIP', address }))))?.addresses
}

test('a Node is reduced to its identity, its state and its reported names and addresses', () => {
  const reported = [
    { type: 'Hostname', address: 'N1.Example' },
    { type: 'InternalIP', address: '198.51.100.1' },
    { type: 'InternalIP', address: '2001:DB8::1' },
    { type: 'ExternalDNS', address: 'n1.example' },
  ]
  assert.deepEqual(selectNode(node(reported)), {
    name: 'n1',
    uid: 'u1',
    createdAt: Date.parse('2026-11-24T08:00:00Z'),
    deleting: false,
    uninitialized: false,
    controlPlane: false,
    names: ['n1.example'],
    addresses: ['c6336401', '20010db8000000000000000000000001'],
  })
})

test('addresses are parsed as a kubelet does: leading zeros are decimal, and a mapped address is IPv4', () => {
  assert.deepEqual(addressesOf('010.096.000.001', '::ffff:10.0.0.1'), ['0a600001', '0a000001'])
})

test('values that a kubelet would not request are ignored', () => {
  assert.deepEqual(addressesOf('not an ip', 'fe80::1%eth0', '', '10.1', '0x0a000001'), [])
  const unknownType = selectNode(node([{ type: 'Whatever', address: '10.0.0.1' }]))
  assert.deepEqual([unknownType?.names, unknownType?.addresses], [[], []])
})

test('an address of type Hostname counts as an address, one of a DNS type as a name', () => {
  const read = selectNode(
    node([
      { type: 'Hostname', address: '10.0.0.1' },
      { type: 'InternalDNS', address: '10.0.0.2' },
    ]),
  )
  assert.deepEqual([read?.names, read?.addresses], [['10.0.0.2'], ['0a000001']])
})

test('only the first hundred reported addresses are read', () => {
  const many = Array.from({ length: 5_000 }, (_, index) => `10.1.${index >> 8}.${index & 255}`)
  assert.equal(addressesOf(...many)?.length, 100)
})

test('the control-plane label, the uninitialized taint and the deletion timestamp are read', () => {
  const metadata = {
    name: 'cp',
    uid: 'u',
    creationTimestamp: '2026-11-24T08:00:00Z',
    deletionTimestamp: '2026-11-24T09:00:00Z',
    labels: { 'node-role.kubernetes.io/control-plane': '' },
  }
  const spec = { taints: [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', effect: 'NoSchedule' }] }
  const read = selectNode({ metadata, spec })
  assert.deepEqual([read?.controlPlane, read?.uninitialized, read?.deleting], [true, true, true])
})

test('an object that is not a valid Node gives undefined', () => {
  assert.equal(selectNode({}), undefined)
  assert.equal(selectNode({ metadata: { name: 'n1', uid: 'u', creationTimestamp: 'yesterday' } }), undefined)
})
