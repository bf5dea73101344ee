import { test } from 'node:test'
import { fail, pass } from '../check.ts'
import { expectOutcome, goodFacts, goodIPv4, rulesWith, withAddresses } from '../good-request.fixture.ts'
import { addressesAreInsidePolicy } from './addresses-are-inside-policy.ts'

test('an address outside the policy’s prefixes is refused', async () => {
  const rules = await rulesWith({ addresses: { prefixes: ['198.51.100.0/28', '2001:db8::/64'] } })
  expectOutcome(addressesAreInsidePolicy, goodFacts, pass, rules)
  const wanted = fail(
    '198.51.100.16 is outside addresses.prefixes of the policy: 198.51.100.0/28, 2001:db8::/64',
  )
  expectOutcome(addressesAreInsidePolicy, withAddresses([goodIPv4, 'c6336410']), wanted, rules)
})

test('prefixes of one family say nothing good of the other', async () => {
  const rules = await rulesWith({ addresses: { prefixes: ['0.0.0.0/0'] } })
  const wanted = fail('2001:db8::11 is outside addresses.prefixes of the policy: 0.0.0.0/0')
  expectOutcome(addressesAreInsidePolicy, goodFacts, wanted, rules)
})

test('without prefixes every address is inside, and with them a request without addresses', async () => {
  expectOutcome(addressesAreInsidePolicy, goodFacts, pass)
  const rules = await rulesWith({ addresses: { prefixes: ['192.0.2.1'] } })
  expectOutcome(addressesAreInsidePolicy, withAddresses([]), pass, rules)
})
