import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { goodFacts, judge, rulesWith, withAddresses } from './good-request.fixture.ts'
import { approvesAny, poolOf, rulesFor } from './pools.ts'
import type { PoolSettings } from './settings.ts'

const metal: PoolSettings = { name: 'metal', nodes: ['metal-[0-9]+', 'worker-1'] }

test('the first pool that a Node matches is its pool, by its whole name', async () => {
  const rules = await rulesWith({ pools: [metal, { name: 'rest', nodes: ['metal-.*', 'edge-.*'] }] })
  const pools = ['metal-1', 'metal-1a', 'a-metal-1', 'edge-', 'cloud-1'].map(
    (node) => poolOf(rules, node)?.name,
  )
  deepEqual(pools, ['metal', 'rest', undefined, 'rest', undefined])
})

test('what a pool does not set is as for all nodes', async () => {
  const all = {
    mode: 'dryRun',
    requireAddress: false,
    keys: { allowed: ['RSA', 'Ed25519'], rsaMinBits: 3072 },
    names: { patterns: ['a', 'b'] },
    addresses: { prefixes: ['10.0.0.0/8'] },
    sources: ['inventory'],
    reserved: { names: ['x'], addresses: ['192.0.2.1'], namespaces: [] },
  } as const
  const rules = await rulesWith({ ...all, pools: [{ ...metal, keys: { rsaMinBits: 4096 } }] })
  const { settings, pool, ...own } = rulesFor(rules, 'system:node:metal-1')
  deepEqual(settings, {
    ...rules.settings,
    keys: { allowed: ['RSA', 'Ed25519'], rsaMinBits: 4096 },
    pools: [],
  })
  equal(pool, 'metal')
  deepEqual(own, {
    hash: rules.hash,
    patterns: rules.patterns,
    prefixes: rules.prefixes,
    reservedAddresses: rules.reservedAddresses,
    unreachable: rules.unreachable,
    limits: rules.limits,
    pools: [],
  })
})

test('a node is matched with the patterns of the pools once, and the rules of its pool stay the same', async () => {
  const rules = await rulesWith({ pools: [metal] })
  let matches = 0
  const [pool] = rules.pools
  const [pattern] = pool?.nodes ?? []
  if (pool === undefined || pattern === undefined) throw new Error('no pool')
  const nodes = [
    {
      ...pattern,
      matches: (name: string) => {
        matches += 1
        return pattern.matches(name)
      },
    },
  ]
  const counting = { ...rules, pools: [{ ...pool, nodes }] }
  equal(rulesFor(counting, 'system:node:metal-1'), rulesFor(counting, 'system:node:metal-1'))
  equal(matches, 1)
  for (let index = 0; index < 20_000; index += 1) rulesFor(counting, `system:node:edge-${index}`)
  rulesFor(counting, 'system:node:metal-1')
  equal(matches, 20_002)
})

test('a pool can do without the sources that all other nodes need', async () => {
  const pools = [{ ...metal, sources: [] }]
  const rules = await rulesWith({ sources: ['inventory'], pools })
  deepEqual(rulesFor(rules, 'system:node:metal-1').settings.sources, [])
  deepEqual(rulesFor(rules, 'system:node:cloud-1').settings.sources, ['inventory'])
})

test('a node outside every pool, and a user who is no node, are judged by the rules for all', async () => {
  const rules = await rulesWith({ pools: [{ name: 'all', nodes: ['.*-.*'] }] })
  for (const username of ['system:node:worker', 'worker-1', 'system:node:', 'system:node:WORKER-1', ''])
    equal(rulesFor(rules, username), rules)
})

test('a decision names the pool whose rules were applied', async () => {
  const rules = await rulesWith({ pools: [metal] })
  const { verdict, pool } = judge(goodFacts, rules)
  deepEqual([verdict, pool], ['approve', 'metal'])
  const outside = await rulesWith({ pools: [{ name: 'metal', nodes: ['metal'] }] })
  equal('pool' in judge(goodFacts, outside), false)
})

test('a request is judged by the patterns, prefixes, keys and lifetime of its own pool', async () => {
  const strict = {
    names: { patterns: ['nothing'] },
    addresses: { prefixes: ['192.0.2.0/24'] },
    keys: { allowed: ['Ed25519'] },
  } as const
  const failing = (pools: readonly PoolSettings[]) => rulesWith({ pools }).then((rules) => failures(rules))
  const failures = (rules: Awaited<ReturnType<typeof rulesWith>>) =>
    judge(goodFacts, rules)
      .findings.filter(({ outcome }) => outcome === 'notYet')
      .map(({ code }) => code)
  deepEqual(await failing([{ ...metal, ...strict }]), [
    'KeyOutsidePolicy',
    'NameOutsidePolicy',
    'AddressOutsidePolicy',
  ])
  deepEqual(await failing([metal, { name: 'strict', nodes: ['worker-.*'], ...strict }]), [])
  deepEqual(await failing([{ name: 'other', nodes: ['worker-10'], ...strict }]), [])
})

test('a pool may allow a request without an address', async () => {
  const nameOnly = withAddresses([])
  equal(judge(nameOnly, await rulesWith({ pools: [metal] })).reason, 'AddressMissing')
  equal(judge(nameOnly, await rulesWith({ pools: [{ ...metal, requireAddress: false }] })).verdict, 'approve')
})

test('with mode dryRun, a pool with another mode still approves', async () => {
  const approves = async (change: Parameters<typeof rulesWith>[0]) => approvesAny(await rulesWith(change))
  equal(await approves({}), true)
  equal(await approves({ mode: 'dryRun', pools: [metal] }), false)
  equal(await approves({ mode: 'dryRun', pools: [{ ...metal, mode: 'enforce' }] }), true)
})
