import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import {
  defaultRules,
  goodIPv4,
  rulesWith,
  seeing,
  withAddresses,
  withCluster,
  withNames,
} from '../../policies/good-request.fixture.ts'
import type { Lookup } from '../../policies/types.ts'
import { seenIn } from './approval.ts'

const asked = withNames(
  ['worker-1', 'db.example.com', 'www.example.com', 'x.example.com'],
  withAddresses([goodIPv4]),
)
const lookups: readonly Lookup[] = [
  { name: 'db.example.com', leadsTo: { known: true, value: [goodIPv4] } },
  { name: 'www.example.com', leadsTo: { known: true, value: ['c0000209'] } },
  { name: 'x.example.com', leadsTo: { known: false, because: 'ESERVFAIL' } },
]

test('the ledger keeps what the addresses and names showed that were looked at', () => {
  const facts = withCluster({ lookups }, seeing('own', asked))
  deepEqual(Object.fromEntries(seenIn(facts, defaultRules)), {
    [`iPAddress:${goodIPv4}`]: 'own',
    'dNSName:db.example.com': 'own',
    'dNSName:www.example.com': 'silent',
    'dNSName:x.example.com': 'silent',
  })
  const silent = withCluster({ lookups }, seeing('silent', asked))
  deepEqual(seenIn(silent, defaultRules).get('dNSName:db.example.com'), 'silent')
})

test('what nobody looked at is not known to be without proof', async () => {
  deepEqual([...seenIn(asked, defaultRules)], [])
  const facts = withCluster({ lookups }, seeing('own', asked))
  const sources = await rulesWith({ sources: ['inventory'] })
  deepEqual([...seenIn(facts, sources)], [[`iPAddress:${goodIPv4}`, 'own']])
})
