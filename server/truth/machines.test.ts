import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeStore } from '../facts/store.fixture.ts'
import type { JsonObject } from '../ports.ts'
import {
  type MachineFacts,
  MachinesSource,
  selectClusterMachine,
  selectOpenShiftMachine,
} from './machines.ts'

const machine: MachineFacts = {
  name: 'md-0-x7k2p',
  node: 'worker-1',
  deleting: false,
  providerId: 'aws:///eu-west-1a/i-1',
  provisioned: true,
  names: ['ip-10-0-0-1.ec2.internal'],
  addresses: ['0a000001'],
}
const asked = {
  node: { name: 'worker-1', providerId: 'aws:///eu-west-1a/i-1' },
  names: ['worker-1', 'ip-10-0-0-1.ec2.internal', 'other.example.com'],
  addresses: ['0a000001', '0a000002'],
}

function sourceWith(...machines: readonly Partial<MachineFacts>[]) {
  const store = new FakeStore<MachineFacts>({}, 'Machines')
  const source = new MachinesSource({ stores: [store], store: () => store })
  for (const [index, change] of machines.entries()) {
    const one = { ...machine, name: `m${index}`, ...change }
    store.set(`ns/${one.name}`, one)
  }
  return { source, store }
}

function saysOf(source: MachinesSource, node: { name: string; providerId?: string } = asked.node): string {
  const vouched = source.vouch({ ...asked, node })
  if (!vouched.known) return vouched.because
  const { names, addresses, says } = vouched.value
  assert.deepEqual([names, addresses], [[], []])
  return says
}

test('the Machine that is linked to a Node vouches for its name and for the addresses in its status', () => {
  const { source } = sourceWith({})
  const vouched = {
    known: true,
    value: {
      names: ['worker-1', 'ip-10-0-0-1.ec2.internal'],
      addresses: ['0a000001'],
      says: 'the Machine m0 does not have it in status.addresses',
    },
  }
  assert.deepEqual(source.vouch(asked), vouched)
  // Without a cloud provider a Node has no provider ID.
  assert.deepEqual(source.vouch({ ...asked, node: { name: 'worker-1' } }), vouched)
})

test('a Machine vouches for nothing unless it alone is linked, ready, staying and of the same provider ID', () => {
  const cases: readonly (readonly [readonly Partial<MachineFacts>[], string])[] = [
    [[], 'no Machine has worker-1 in status.nodeRef'],
    [[{ node: '' }], 'no Machine has worker-1 in status.nodeRef'],
    [[{ node: 'worker-10' }], 'no Machine has worker-1 in status.nodeRef'],
    [[{}, {}], '2 Machines have worker-1 in status.nodeRef: m0, m1'],
    [[{ deleting: true }], 'the Machine m0 is being deleted'],
    [[{ provisioned: false }], 'the infrastructure of the Machine m0 is not ready'],
    [[{ providerId: '' }], 'the Machine m0 has no spec.providerID'],
    [[{ providerId: 'aws:///eu-west-1a/i-2' }], 'the Machine m0 has another spec.providerID than the Node'],
  ]
  for (const [machines, says] of cases) assert.equal(saysOf(sourceWith(...machines).source), says)
})

test('a Machine that is linked later, or no longer, is found by its Node', () => {
  const { source, store } = sourceWith({ node: '' })
  store.set('ns/m0', { ...machine, node: 'worker-1' })
  const vouched = source.vouch(asked)
  assert.deepEqual(vouched.known && vouched.value.addresses, ['0a000001'])
  store.set('ns/m0', { ...machine, node: 'worker-2' })
  assert.equal(saysOf(source), 'no Machine has worker-1 in status.nodeRef')
})

test('Machines that are not known now, or that cannot be read, are unknown', () => {
  const { source, store } = sourceWith({})
  store.unreadable.add('ns/m0')
  assert.equal(saysOf(source), 'the Machine ns/m0 cannot be read')
  store.ageMs = 80_000
  assert.equal(saysOf(source), 'nothing was heard of Machines for 80 s')
  store.phase = 'syncing'
  store.problem = '403 Forbidden: machines is forbidden'
  assert.equal(
    saysOf(source),
    'the list of Machines has not been read yet: 403 Forbidden: machines is forbidden',
  )
})

function object(spec: JsonObject, status: JsonObject, metadata: JsonObject = {}): JsonObject {
  return {
    metadata: { name: 'm', namespace: 'ns', ...metadata },
    spec: { clusterName: 'prod', providerID: 'aws:///eu-west-1a/i-1', ...spec },
    status: {
      nodeRef: { kind: 'Node', name: 'worker-1' },
      addresses: [
        { type: 'InternalIP', address: '10.0.0.1' },
        { type: 'ExternalIP', address: '2001:db8::1' },
        { type: 'InternalDNS', address: 'IP-10-0-0-1.ec2.internal' },
        { type: 'ExternalDNS', address: 'a.example.com' },
        { type: 'Hostname', address: 'worker-1' },
        { type: 'Unknown', address: '10.0.0.9' },
      ],
      ...status,
    },
  }
}
const read: MachineFacts = {
  ...machine,
  name: 'm',
  names: ['ip-10-0-0-1.ec2.internal', 'a.example.com', 'worker-1'],
  addresses: ['0a000001', `20010db8${'0'.repeat(23)}1`],
}

test('Machines of both versions of Cluster API are read, only of the Cluster that is configured', () => {
  const select = selectClusterMachine('prod')
  const beta1 = object({}, { infrastructureReady: true })
  const beta2 = object(
    {},
    { initialization: { infrastructureProvisioned: true }, nodeRef: { name: 'worker-1' } },
  )
  assert.deepEqual(select(beta1), read)
  assert.deepEqual(select(beta2), read)
  assert.equal(select(object({ clusterName: 'prod-2' }, { infrastructureReady: true })), undefined)
  assert.equal(select(object({}, {}))?.provisioned, false)
  assert.equal(select(object({}, {}, { deletionTimestamp: '2026-01-01T00:00:00Z' }))?.deleting, true)
  assert.equal(select({ metadata: { name: 'm' }, spec: { clusterName: 'prod' } })?.node, '')
})

test('Machines of OpenShift are ready in the phases Provisioned and Running', () => {
  assert.deepEqual(selectOpenShiftMachine(object({}, { phase: 'Running' })), read)
  const ready = ['Provisioning', 'Provisioned', 'Running', 'Deleting', 'Failed', ''].filter(
    (phase) => selectOpenShiftMachine(object({}, { phase }))?.provisioned === true,
  )
  assert.deepEqual(ready, ['Provisioned', 'Running'])
})
