import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { goodFacts, judge, rulesWith, withRequester } from './good-request.fixture.ts'
import type { Rules } from './rules.ts'

test('the CSR of a user that is no node is refused, or ignored if the policy says so', async () => {
  const ignoring = await rulesWith({ foreignRequesters: 'ignore' })
  const decide = (username: string, rules?: Rules) => {
    const { verdict, reason } = judge(withRequester({ username }), rules)
    return `${verdict} ${reason}`
  }
  for (const username of ['admin', 'system:bootstrap:a1b2c3', 'System:node:worker-1', 'system:nodes']) {
    equal(decide(username), 'deny RequesterNotNode')
    equal(decide(username, ignoring), 'ignore ForeignRequester')
  }
  equal(decide('system:node:Worker-1', ignoring), 'deny RequesterNotNode')
  equal(judge(withRequester({ groups: [] }), ignoring).reason, 'RequesterNotNode')
  equal(judge(goodFacts, ignoring).verdict, 'approve')
})
