import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { pass } from '../check.ts'
import {
  atWebhook,
  expectOutcome,
  goodFacts,
  goodIPv4,
  goodIPv6,
  judge,
  rulesWith,
  withCluster,
  withNames,
} from '../good-request.fixture.ts'
import type { Vouched } from '../types.ts'
import { addressesAreVouchedFor } from './addresses-are-vouched-for.ts'

const vouching = (
  source: Vouched['source'],
  addresses: readonly string[],
  names: string[] = [],
): Vouched => ({
  source,
  vouches: { known: true, value: { names, addresses, says: 'the line for worker-1 has 192.0.2.1' } },
})

test('every address must be vouched for, by one source or another', async () => {
  const rules = await rulesWith({ sources: ['inventory', 'clusterApi'] })
  const both = withCluster({
    vouched: [vouching('inventory', [goodIPv4]), vouching('clusterApi', [goodIPv6])],
  })
  expectOutcome(addressesAreVouchedFor, both, pass, rules)
  const one = withCluster({ vouched: [vouching('inventory', [goodIPv4]), vouching('clusterApi', [])] })
  const detail =
    'no source of the policy vouches that 2001:db8::11 belongs to Node worker-1. ' +
    'inventory: the line for worker-1 has 192.0.2.1; clusterApi: the line for worker-1 has 192.0.2.1'
  expectOutcome(addressesAreVouchedFor, one, { outcome: 'fail', detail }, rules)
})

test('a source that the policy does not ask vouches for nothing', async () => {
  const rules = await rulesWith({ sources: ['inventory'] })
  const facts = withCluster({
    vouched: [vouching('inventory', [goodIPv4]), vouching('dns', [goodIPv4, goodIPv6])],
  })
  const detail =
    'no source of the policy vouches that 2001:db8::11 belongs to Node worker-1. ' +
    'inventory: the line for worker-1 has 192.0.2.1'
  expectOutcome(addressesAreVouchedFor, facts, { outcome: 'fail', detail }, rules)
})

test('a decision names the first source that vouches for each name and address', async () => {
  const rules = await rulesWith({ sources: ['dns', 'inventory'] })
  const facts = withCluster(
    {
      vouched: [
        vouching('inventory', [goodIPv4, goodIPv6], ['worker-1', 'worker-1.example.com']),
        vouching('dns', [goodIPv4], ['worker-1.example.com']),
      ],
    },
    withNames(['worker-1', 'worker-1.example.com']),
  )
  const { verdict, vouched } = judge(facts, rules)
  deepEqual(
    [verdict, vouched],
    [
      'approve',
      {
        'worker-1': 'inventory',
        'worker-1.example.com': 'dns',
        '198.51.100.11': 'dns',
        '2001:db8::11': 'inventory',
      },
    ],
  )
})

test('only the controller asks the sources, and only where the policy has some', async () => {
  const rules = await rulesWith({ sources: ['inventory'] })
  deepEqual(
    [judge(atWebhook(), rules).verdict, judge(goodFacts, rules).verdict, judge(goodFacts).verdict],
    ['approve', 'unknown', 'approve'],
  )
  for (const decision of [judge(goodFacts), judge(atWebhook(), rules)]) equal('vouched' in decision, false)
})
