import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readInventory } from './inventory-file.ts'

async function faultsOf(...texts: readonly string[]): Promise<readonly string[]> {
  const read = await readInventory(texts.map((text, index) => ({ name: `file-${index}`, text })))
  return read.ok ? [] : read.faults
}

async function inventoryOf(text: string) {
  const read = await readInventory([{ name: 'inventory.yaml', text }])
  assert.ok(read.ok, read.ok ? '' : read.faults.join('\n'))
  return read.inventory
}

test('a list of nodes and patterns is read with all names, addresses and prefixes', async () => {
  const { byNode, patterns } = await inventoryOf(`# our machines
---
- node: worker-1
  names: [worker-1.example.com]
  addresses:
    - 10.0.0.11
    - fd00::11   # IPv6

# the edge
- nodes: 'edge-[0-9]+'
  names: ['{node}.edge.example.com']
  prefixes: [10.9.0.0/16]
- {node: worker-2}
`)
  assert.deepEqual(byNode.get('worker-1'), {
    names: ['worker-1.example.com'],
    addresses: ['0a00000b', `fd00${'0'.repeat(26)}11`],
    prefixes: [],
  })
  assert.deepEqual(byNode.get('worker-2'), { names: [], addresses: [], prefixes: [] })
  assert.equal(byNode.size, 2)
  assert.deepEqual(
    patterns.map(({ nodes, line }) => [nodes.source, line]),
    [
      [
        'edge-[0-9]+',
        { names: ['{node}.edge.example.com'], addresses: [], prefixes: [{ address: '0a090000', bits: 16 }] },
      ],
    ],
  )
})

test('every fault of every text is listed with its place', async () => {
  const faults = await faultsOf(
    `- node: worker-1
  addresses: [10.0.0.256, 10.0.0.11]
- node: Worker-2
  adresses: [10.0.0.12]
- nodes: 'a['
  prefixes: [10.0.0.1/8, 10.0.0.0/8]
- names: ['*.example.com']
- node: worker-3
  nodes: worker-3
- node: [
`,
    `- node: worker-4
- node: worker-1
- worker-5
`,
    'worker-6: {}',
  )
  assert.deepEqual(faults, [
    'file-0:2:15 addresses[0]: is not an address',
    'file-0:3:3 node: is "Worker-2", must be the name of a Node',
    'file-0:4:3 adresses: is not a setting; did you mean addresses?',
    'file-0:5:3 nodes: is not an RE2 pattern: error parsing regexp: missing closing ]: `[`',
    'file-0:6:14 prefixes[0]: is not a prefix',
    'file-0:7:11 names[0]: is "*.example.com", must be a lower-case DNS name, in which {node} may stand for the name of the Node',
    'file-0:8:3 must have either node or nodes',
    'file-0:11:1 is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    'file-1:3:3 is "worker-5", must be a map',
    'file-2:1:1 must be a list of nodes, each on a line that begins with a dash',
  ])
})

test('a node or a pattern that is repeated is a fault that names both places', async () => {
  assert.deepEqual(await faultsOf('- node: a\n- nodes: b.*\n', '- nodes: b.*\n- node: a\n- node: b.*\n'), [
    'file-1:1:3 "pattern b.*" has a line already, at file-0:2:3',
    'file-1:2:3 "a" has a line already, at file-0:1:3',
    'file-1:3:3 node: is "b.*", must be the name of a Node',
  ])
})

test('aliases and tags are faults, since they grow without bound', async () => {
  assert.deepEqual(await faultsOf('- node: a\n  names: &all [a.b]\n- node: b\n  names: *all\n'), [
    'file-0:4:10 is a YAML alias, which a policy must not use',
  ])
})

test('an inventory without a line is a fault, since it would stop the renewals of all nodes', async () => {
  assert.deepEqual(await faultsOf('# nothing\n'), ['the inventory has no line'])
  assert.deepEqual(await faultsOf('[]'), ['the inventory has no line'])
})

test('of many faults 50 are listed and the others counted', async () => {
  const faults = await faultsOf('- node: A\n'.repeat(60))
  assert.equal(faults.length, 51)
  assert.equal(faults.at(-1), 'and 10 more')
})

test('an inventory has at most 20,000 nodes and 256 patterns', async () => {
  const nodes = Array.from({ length: 20_001 }, (_, index) => `- node: n${index}\n`).join('')
  const patterns = Array.from({ length: 257 }, (_, index) => `- nodes: n${index}\n`).join('')
  assert.deepEqual(await faultsOf(nodes, patterns), [
    'the inventory has more than 20000 nodes',
    'the inventory has more than 256 patterns',
  ])
})
