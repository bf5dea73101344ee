import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeStore } from '../facts/store.fixture.ts'
import type { Log } from '../ports.ts'
import { InventorySource, type InventoryTexts, selectInventory } from './inventory.ts'

const TEN_1 = '0a000001'
const TEN_2 = '0a000002'
const asked = {
  node: { name: 'worker-1' },
  names: ['worker-1', 'worker-1.example.com'],
  addresses: [TEN_1, TEN_2],
}

interface Started {
  readonly source: InventorySource
  readonly store: FakeStore<InventoryTexts>
  readonly lines: (readonly [object, string])[]
  readonly changes: () => number
  readonly reloads: boolean[]
}

function begin(text: string | null): Started {
  const store = new FakeStore<InventoryTexts>(
    text === null ? {} : { inventory: [{ name: 'inventory.yaml', text }] },
    'the ConfigMap ns/inventory',
  )
  const lines: (readonly [object, string])[] = []
  const add = (fields: object, message: string) => void lines.push([fields, message])
  const log: Log = { debug: add, info: add, warn: add, error: add }
  let changes = 0
  const reloads: boolean[] = []
  const recorder = { inventoryReloaded: (ok: boolean) => void reloads.push(ok) }
  const source = new InventorySource({ stores: [store], log, recorder, onChange: () => (changes += 1) })
  return { source, store, lines, changes: () => changes, reloads }
}

function change(store: FakeStore<InventoryTexts>, text: string): void {
  store.set('inventory', [{ name: 'inventory.yaml', text }])
}

test('an inventory vouches for the name of the Node, and for what its line has', async () => {
  const { source } = begin('- node: worker-1\n  names: [worker-1.example.com]\n  addresses: [10.0.0.1]\n')
  await source.settled()
  assert.deepEqual(source.vouch(asked), {
    known: true,
    value: {
      names: ['worker-1', 'worker-1.example.com'],
      addresses: [TEN_1],
      says: 'the line for worker-1 has 10.0.0.1, worker-1.example.com',
    },
  })
})

test('a Node without a line of its own has that of the first pattern that it matches as a whole', async () => {
  const { source } = begin(`- nodes: worker
  prefixes: [0.0.0.0/0]
- nodes: 'worker-[0-9]+'
  names: ['{node}.example.com']
  prefixes: [10.0.0.0/31]
- nodes: '.*'
  prefixes: [10.0.0.0/8]
- node: worker-2
  addresses: [10.0.0.2]
`)
  await source.settled()
  const first = source.vouch(asked)
  assert.deepEqual(first.known && first.value, {
    names: ['worker-1', 'worker-1.example.com'],
    addresses: [TEN_1],
    shared: [TEN_1],
    says: 'the line for worker-1 has 10.0.0.0/31, worker-1.example.com',
  })
  const own = source.vouch({ ...asked, node: { name: 'worker-2' } })
  assert.deepEqual(own.known && own.value.addresses, [TEN_2])
})

test('what the inventory has of several Nodes is shared: a prefix, and what a pattern has besides the name of the Node', async () => {
  const { source } = begin(`- nodes: worker-1
  names: ['{node}.example.com', db.example.com]
  addresses: [10.0.0.1]
- node: worker-2
  names: [db.example.com]
  addresses: [10.0.0.1]
  prefixes: [10.0.0.0/30]
`)
  await source.settled()
  const sharedOf = (name: string) => {
    const names = [`${name}.example.com`, 'db.example.com']
    const said = source.vouch({ node: { name }, names, addresses: [TEN_1, TEN_2] })
    return said.known && said.value.shared
  }
  assert.deepEqual(sharedOf('worker-1'), ['db.example.com', TEN_1])
  assert.deepEqual(sharedOf('worker-2'), [TEN_2])
})

test('a Node that no line is for is vouched for in nothing', async () => {
  const { source } = begin('- node: worker-10\n  addresses: [10.0.0.1]\n')
  await source.settled()
  assert.deepEqual(source.vouch(asked), {
    known: true,
    value: { names: [], addresses: [], says: 'no line is for worker-1' },
  })
})

test('a change with faults leaves the last good inventory in force, and tells all faults', async () => {
  const { source, store, lines, changes, reloads } = begin('- node: worker-1\n  addresses: [10.0.0.1]\n')
  await source.settled()
  change(store, '- node: worker-1\n  addresses: [10.0.0.999]\n- {}\n')
  await source.settled()
  const { known } = source.vouch(asked)
  assert.deepEqual([known, changes()], [true, 1])
  assert.deepEqual(lines.at(-1), [
    {
      faults: [
        'inventory.yaml:2:15 addresses[0]: is not an address',
        'inventory.yaml:3:3 must have either node or nodes',
      ],
    },
    'the inventory has faults: the last valid inventory stays in force',
  ])
  store.set('inventory', undefined)
  await source.settled()
  assert.equal(source.vouch(asked).known, true)
  change(store, '- node: worker-1\n')
  await source.settled()
  const after = source.vouch(asked)
  assert.deepEqual([after.known && after.value.addresses, changes()], [[], 2])
  assert.deepEqual(reloads, [true, false, false, true])
})

test('without a good inventory nothing is known, and the reason says why', async () => {
  const missing = begin(null)
  await missing.source.settled()
  assert.deepEqual(missing.source.vouch(asked), {
    known: false,
    because: 'the ConfigMap ns/inventory does not exist, or has no key that ends in .yaml',
  })
  const faulty = begin('- node: A\n- node: B\n')
  await faulty.source.settled()
  assert.deepEqual(faulty.source.vouch(asked), {
    known: false,
    because: 'inventory.yaml:1:3 node: is "A", must be the name of a Node and 1 more faults, see the log',
  })
})

test('an inventory whose watch is silent for too long is not known', async () => {
  const { source, store } = begin('- node: worker-1\n')
  await source.settled()
  store.ageMs = 80_000
  assert.deepEqual(source.vouch(asked), {
    known: false,
    because: 'nothing was heard of the ConfigMap ns/inventory for 80 s',
  })
})

test('all keys of a ConfigMap that end in .yaml are read', () => {
  const metadata = { namespace: 'ns', name: 'inventory' }
  const data = { 'a.yaml': '- node: a', 'b.yaml': '- node: b', README: 'text' }
  assert.deepEqual(selectInventory('inventory')({ metadata, data }), [
    { name: 'ns/inventory a.yaml', text: '- node: a' },
    { name: 'ns/inventory b.yaml', text: '- node: b' },
  ])
  assert.deepEqual(selectInventory('inventory')({ metadata }), [])
  assert.equal(selectInventory('other')({ metadata, data }), undefined)
})
