import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { rulesFor } from '../policies/pools.ts'
import { parsePolicy } from '../server/policy/load.ts'
import { readInventory } from '../server/truth/inventory-file.ts'
import { examples } from './sources-docs.fixture.ts'

test('the policy of each example has no faults', async () => {
  const values = examples('values.yaml')
  assert.equal(values.length, 5)
  for (const each of values) {
    const content: unknown = parse(each)
    assert.ok(typeof content === 'object' && content !== null)
    const policy = await parsePolicy(JSON.stringify(Reflect.get(content, 'policy')), 'policy.yaml')
    assert.ok(policy.ok, policy.ok ? '' : policy.faults.join('\n'))
  }
})

test('the pools of the example are those that the page describes', async () => {
  const [values = ''] = examples('values.yaml')
  const policy = await parsePolicy(JSON.stringify(parse(values).policy), 'policy.yaml')
  assert.ok(policy.ok)
  const of = (node: string) => {
    const { pool, settings } = rulesFor(policy.rules, `system:node:${node}`)
    return [pool, settings.mode, settings.addresses.prefixes, settings.keys.allowed.length]
  }
  assert.deepEqual(of('cp-1'), ['control-plane', 'enforce', ['10.0.0.0/24'], 1])
  assert.deepEqual(of('edge-1'), ['edge', 'dryRun', ['10.9.0.0/16'], 5])
  assert.deepEqual(of('cp-1a'), [null, 'enforce', ['10.0.0.0/8'], 5])
})

test('the inventory of the example is valid', async () => {
  const [inventory = ''] = examples('inventory.yaml')
  const read = await readInventory([{ name: 'inventory.yaml', text: inventory }])
  assert.ok(read.ok, read.ok ? '' : read.faults.join('\n'))
  assert.deepEqual([read.inventory.byNode.size, read.inventory.patterns.length], [2, 1])
})
