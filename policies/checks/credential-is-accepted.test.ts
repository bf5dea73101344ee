import { test } from 'node:test'
import { fail, pass } from '../check.ts'
import { expectOutcome, goodFacts, rulesWith, withRequester } from '../good-request.fixture.ts'
import { credentialIsAccepted } from './credential-is-accepted.ts'

const KEY = 'authentication.kubernetes.io/credential-id'
const own = '5f'.repeat(32)
const other = '0a'.repeat(32)
const showing = (...ids: string[]) => withRequester({ extra: { [KEY]: ids } })
const wanted =
  'credential.require of the policy demands exactly one, X509SHA256= with 64 hex digits. Impersonated users, and all users before Kubernetes 1.32, have none'

test('by default any credential passes, and none', () => {
  for (const facts of [goodFacts, showing(), showing('JTI=1'), withRequester({ extra: {} })])
    expectOutcome(credentialIsAccepted, facts, pass)
})

test('a policy that requires a credential wants exactly one client certificate', async () => {
  const rules = await rulesWith({ credential: { require: true, refused: [] } })
  expectOutcome(credentialIsAccepted, showing(`X509SHA256=${own}`), pass, rules)
  const cases = [
    [[], '(none)'],
    [['JTI=1'], '"JTI=1"'],
    [[`X509SHA256=${own.toUpperCase()}`], `"X509SHA256=${own.toUpperCase()}"`],
    [['X509SHA256=0a1b'], '"X509SHA256=0a1b"'],
    [[`X509SHA256=${own}`, 'JTI=1'], `"X509SHA256=${own}", "JTI=1"`],
  ] as const
  for (const [ids, shown] of cases)
    expectOutcome(
      credentialIsAccepted,
      showing(...ids),
      fail(`the requester has the credential-id ${shown}. ${wanted}`),
      rules,
    )
})

test('an impersonated node, which shows no credential, is refused where one is required', async () => {
  const rules = await rulesWith({ credential: { require: true, refused: [] } })
  const outcome = fail(`the requester has the credential-id (none). ${wanted}`)
  expectOutcome(credentialIsAccepted, withRequester({ extra: {} }), outcome, rules)
})

test('a client certificate that the policy refuses is refused, alone or among others', async () => {
  const rules = await rulesWith({ credential: { require: false, refused: [other] } })
  expectOutcome(credentialIsAccepted, showing(`X509SHA256=${own}`), pass, rules)
  const outcome = fail(`the client certificate ${other} is in credential.refused of the policy`)
  expectOutcome(credentialIsAccepted, showing(`X509SHA256=${other}`), outcome, rules)
  expectOutcome(credentialIsAccepted, showing('JTI=1', `X509SHA256=${other}`), outcome, rules)
})
