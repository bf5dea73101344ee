import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { fail, pass } from '../check.ts'
import { defaultRules, expectOutcome, goodFacts, rulesWith, withNames } from '../good-request.fixture.ts'
import { shown } from '../text.ts'
import { namesAreInsidePolicy } from './names-are-inside-policy.ts'

test('a name outside the policy’s patterns is refused', async () => {
  const rules = await rulesWith({ names: { patterns: ['worker-[0-9]', '[a-z0-9-]+\\.example\\.com'] } })
  expectOutcome(namesAreInsidePolicy, withNames(['worker-1', 'a.example.com']), pass, rules)
  const wanted = fail(
    String.raw`vault.example.org matches none of names.patterns of the policy: "worker-[0-9]", "[a-z0-9-]+\\.example\\.com"`,
  )
  expectOutcome(namesAreInsidePolicy, withNames(['worker-1', 'vault.example.org']), wanted, rules)
})

test('a pattern matches the whole name: worker-1 is not worker-10', async () => {
  const rules = await rulesWith({ names: { patterns: ['worker-1'] } })
  for (const name of ['worker-10', 'aworker-1', 'worker-1.evil.example', 'worker-1\n']) {
    const wanted = fail(`${shown(name)} matches none of names.patterns of the policy: "worker-1"`)
    expectOutcome(namesAreInsidePolicy, withNames([name]), wanted, rules)
  }
})

test('{node} of a pattern is the name of the requester’s Node', async () => {
  const rules = await rulesWith({ names: { patterns: ['{node}', '{node}[.]example[.]com'] } })
  expectOutcome(namesAreInsidePolicy, withNames(['worker-1', 'WORKER-1.example.com']), pass, rules)
  const wanted = fail(
    'worker-2.example.com matches none of names.patterns of the policy: "{node}", "{node}[.]example[.]com"',
  )
  expectOutcome(namesAreInsidePolicy, withNames(['worker-2.example.com']), wanted, rules)
})

test('a pattern matches without regard to case', async () => {
  const rules = await rulesWith({ names: { patterns: ['worker-1'] } })
  expectOutcome(namesAreInsidePolicy, withNames(['WORKER-1']), pass, rules)
})

test('the check stops at the first name that matches no pattern, so hundreds of names cost no more than one', () => {
  const tried: string[] = []
  const matches = (name: string): boolean => tried.push(name) === 0
  const pattern = { source: 'none', matches, isMadeOf: () => false }
  const names = Array.from({ length: 500 }, (_, index) => `worker-${index}`)
  const wanted = fail('worker-0 matches none of names.patterns of the policy: "none"')
  expectOutcome(namesAreInsidePolicy, withNames(names), wanted, { ...defaultRules, patterns: [pattern] })
  deepEqual(tried, ['worker-0'])
})

test('without patterns every name is allowed, and with patterns a request without names is allowed', async () => {
  expectOutcome(namesAreInsidePolicy, goodFacts, pass)
  expectOutcome(namesAreInsidePolicy, withNames([]), pass, await rulesWith({ names: { patterns: ['a'] } }))
})
