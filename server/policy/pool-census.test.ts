import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goodNode, rulesWith } from '../../policies/good-request.fixture.ts'
import type { Rules } from '../../policies/rules.ts'
import type { NodeFacts } from '../../policies/types.ts'
import { until } from '../../test/kit/until.ts'
import type { Log } from '../ports.ts'
import { startPoolCensus, tellPools } from './pool-census.ts'

interface Line {
  readonly level: string
  readonly fields: object
  readonly message: string
}

function recorder(): { readonly lines: Line[]; readonly log: Log } {
  const lines: Line[] = []
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, fields, message })
  return { lines, log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } }
}

function nodes(names: readonly string[]) {
  let phase: 'syncing' | 'live' = 'live'
  const all: readonly NodeFacts[] = names.map((name) => ({ ...goodNode, name }))
  return {
    values: () => all,
    state: () => ({ phase, ageMs: 0, problem: null }),
    become: (next: typeof phase) => void (phase = next),
  }
}

function policyOf(rules: Rules) {
  const listeners: (() => void)[] = []
  return {
    rules: () => rules,
    subscribe: (listener: () => void) => void listeners.push(listener),
    change: () => listeners.forEach((listener) => listener()),
  }
}

const pools = [
  { name: 'metal', nodes: ['metal-[0-9]+'] },
  { name: 'edge', nodes: ['edeg-.*'] },
]

test('each pool is told with its number of Nodes, and pools without Nodes and Nodes without a pool are warned of', async () => {
  const rules = await rulesWith({ pools })
  const { lines, log } = recorder()
  const strangers = Array.from({ length: 11 }, (_, index) => `edge-${index + 10}`)
  await tellPools({ policy: policyOf(rules), nodes: nodes(['metal-1', 'metal-2', ...strangers]), log })
  const policyHash = rules.hash
  assert.deepEqual(lines, [
    {
      level: 'info',
      fields: { pools: { metal: 2, edge: 0 }, outside: 11, policyHash },
      message: 'Nodes in each pool',
    },
    {
      level: 'warn',
      fields: { pools: ['edge'], policyHash },
      message: 'no Node is in these pools: check their patterns',
    },
    {
      level: 'warn',
      fields: { nodes: strangers.slice(0, 10), count: 11, policyHash },
      message: 'these Nodes are in no pool: the settings for all nodes apply',
    },
  ])
})

test('a policy without pools tells nothing', async () => {
  const rules = await rulesWith({})
  const { lines, log } = recorder()
  await tellPools({ policy: policyOf(rules), nodes: nodes(['metal-1']), log })
  assert.deepEqual(lines, [])
})

test('pools are told once the Nodes are known, and again with each change of the policy', async () => {
  const rules = await rulesWith({ pools: [{ name: 'all', nodes: ['.*'] }] })
  const { lines, log } = recorder()
  const store = nodes(['metal-1'])
  store.become('syncing')
  const policy = policyOf(rules)
  const census = startPoolCensus({ policy, nodes: store, log })
  policy.change()
  assert.equal(lines.length, 0)
  store.become('live')
  await until(() => lines.length === 1)
  policy.change()
  await until(() => lines.length === 2)
  census.stop()
})
