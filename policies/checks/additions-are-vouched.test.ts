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

const rules = await rulesWith({ onAddition: 'requireSource' })
const asked = (facts = goodFacts) => withAddresses([goodIPv4], facts)

test('what the Node was not granted before needs a source, except for its own name', () => {
  const wanted = fail(
    'no source vouches for 198.51.100.11, which the Node was not granted before. Add it to a source of the policy',
  )
  expectOutcome(additionsAreVouched, asked(), wanted, rules)
  expectOutcome(additionsAreVouched, asked(), pass)
  expectOutcome(additionsAreVouched, asked(withOwn({ held: [goodIPv4] })), pass, rules)
  const vouching = { kind: 'iPAddress', value: goodIPv4, source: 'inventory' } as const
  const vouched = withCluster({ vouched: { known: true, value: [vouching] } })
  expectOutcome(additionsAreVouched, asked(vouched), pass, rules)
})

test('if sources or grants are unknown, an addition is unknown too', () => {
  for (const part of ['vouched', 'own'] as const) {
    const facts = withCluster({ [part]: notLearnt('not read') })
    expectOutcome(additionsAreVouched, asked(facts), unknown('not read'), rules)
  }
})
