import assert from 'node:assert/strict'
import { test } from 'node:test'
import { belongingsOf, grantedBy } from './belonging.ts'
import {
  defaultRules,
  goodFacts,
  goodIPv4,
  rulesWith,
  seeing,
  withAddresses,
  withCluster,
  withNames,
  withNode,
  withOwn,
} from './good-request.fixture.ts'
import type { Rules } from './rules.ts'
import type { ClusterStage } from './types.ts'

const ofAddress = (facts: ClusterStage, rules: Rules = defaultRules): string => {
  const asked = withAddresses([goodIPv4], facts)
  const found = belongingsOf(asked, rules).find(({ kind }) => kind === 'address')
  return `${found?.why}: ${found?.words}`
}

test('each name and address has one reason, and its words', () => {
  const [name] = belongingsOf(goodFacts, defaultRules)
  assert.equal(name?.why, 'ownName')
  assert.equal(ofAddress(seeing('own')), 'answersNow: answers as this Node now')
  assert.equal(ofAddress(seeing('silent')), "unproven: nothing shows that it is this Node's")
  const held = withOwn({ held: [goodIPv4] }, seeing('silent'))
  assert.equal(ofAddress(held), 'told: granted without proof')
  assert.match(
    ofAddress(seeing('another')),
    /^notItsOwn: not its own: at 198\.51\.100\.11 the kubelet of Node /u,
  )
  const blind = withCluster({ probes: { kind: 'none', because: 'nobody dials' } })
  assert.equal(
    ofAddress(blind),
    'notKnown: not known: nobody has looked who answers at 198.51.100.11: nobody dials',
  )
})

test('what the Node does not report is not its own', () => {
  const facts = withCluster({ node: { known: true, value: null } })
  assert.match(ofAddress(facts), /^notItsOwn: not its own: Node worker-1 does not report it$/u)
})

test('a grant under sources was vouched for, and one that answered says when', async () => {
  const { settings } = await rulesWith({ sources: ['inventory', 'dns'] })
  const words = 'granted; inventory or dns must vouch for it'
  assert.deepEqual(grantedBy({ provenAt: null }, settings.sources), { why: 'vouched', words })
  assert.deepEqual(grantedBy({ provenAt: 1_767_225_600_000 }, []), {
    why: 'grantedAndSeen',
    words: 'granted, and seen to answer as this Node, last at 2026-01-01 00:00:00 UTC',
  })
})

test('where it is not known what the Node reports, nothing is said of its names and addresses', () => {
  const facts = withCluster({ node: { known: false, because: 'Nodes cannot be read' } })
  assert.equal(ofAddress(facts), 'notKnown: not known: Nodes cannot be read')
})

test('a name that a pattern makes of that of the Node is its own, and nobody has answered for it', async () => {
  const rules = await rulesWith({ names: { patterns: ['{node}[.]example[.]com'] } })
  const name = 'worker-1.example.com'
  const facts = withNode({ names: ['worker-1', name] }, withNames([name]))
  assert.deepEqual(belongingsOf(facts, rules)[0], {
    kind: 'name',
    value: name,
    why: 'ownName',
    words: 'made of its own name by a pattern of the policy',
  })
})
