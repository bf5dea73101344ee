import { test } from 'node:test'
import { fail, pass } from '../check.ts'
import { expectOutcome, goodFacts, rulesWith, withCsr } from '../good-request.fixture.ts'
import { lifetimeIsAllowed } from './lifetime-is-allowed.ts'

test('a lifetime above the bound of the policy is refused', async () => {
  const rules = await rulesWith({ maxExpirationSeconds: 86_400 })
  const wanted = fail('expirationSeconds is 86401. maxExpirationSeconds of the policy: 86400')
  expectOutcome(lifetimeIsAllowed, withCsr({ expirationSeconds: 86_401 }), wanted, rules)
  expectOutcome(lifetimeIsAllowed, withCsr({ expirationSeconds: 86_400 }), pass, rules)
})

test('a kubelet asks for none, and no policy minds', async () => {
  expectOutcome(lifetimeIsAllowed, goodFacts, pass, await rulesWith({ maxExpirationSeconds: 600 }))
})

test('without a bound any lifetime is the signer’s to cap', () => {
  expectOutcome(lifetimeIsAllowed, withCsr({ expirationSeconds: 2_147_483_647 }), pass)
})
