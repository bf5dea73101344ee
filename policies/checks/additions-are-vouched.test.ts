import { test } from 'node:test'
import { fail, pass, unknown } from '../check.ts'
import {
  expectOutcome,
  goodFacts,
  goodIPv4,
  notLearnt,
  rulesWith,
  withAddresses,
  withCluster,
  withOwn,
} from '../good-request.fixture.ts'
import { additionsAreVouched } from './additions-are-vouched.ts'

const rules = await rulesWith({ onAddition: 'requireSource', sources: ['inventory'] })
const asked = (facts = goodFacts) => withAddresses([goodIPv4], facts)
const saying = (addresses: readonly string[]) =>
  withCluster({
    vouched: [
      { source: 'inventory', vouches: { known: true, value: { names: [], addresses, says: 'has no line' } } },
    ],
  })

test('what the Node was not granted before needs a source', async () => {
  const missing = fail(
    'no source of the policy vouches that 198.51.100.11 belongs to Node worker-1. inventory: has no line',
  )
  expectOutcome(additionsAreVouched, asked(saying([])), missing, rules)
  expectOutcome(additionsAreVouched, asked(saying([])), pass)
  expectOutcome(additionsAreVouched, asked(withOwn({ held: [goodIPv4] })), pass, rules)
  expectOutcome(additionsAreVouched, asked(withOwn({ held: ['c6336409'] }, saying([]))), missing, rules)
  expectOutcome(additionsAreVouched, asked(saying([goodIPv4])), pass, rules)
})

test('a policy without sources has nobody who vouches for an addition', async () => {
  const none = await rulesWith({ onAddition: 'requireSource' })
  const wanted = fail(
    'no source vouches for 198.51.100.11, which the Node was not granted before: the policy has no `sources`',
  )
  expectOutcome(additionsAreVouched, asked(), wanted, none)
})

test('if sources or grants are unknown, an addition is unknown too', () => {
  expectOutcome(
    additionsAreVouched,
    asked(withCluster({ own: notLearnt('not read') })),
    unknown('not read'),
    rules,
  )
  expectOutcome(
    additionsAreVouched,
    asked(),
    unknown(
      'no source could vouch for 198.51.100.11: inventory: is not configured, set sources.inventory.configMaps',
    ),
    rules,
  )
})
