import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as otherWork } from 'node:timers/promises'
import { defaultRules } from '../policies/good-request.fixture.ts'
import { approved, begin, csr, inputFor, node, NOW, parsed } from './judge.fixture.ts'

test('an honest request is approved for every purpose from what the stores hold', async () => {
  const { judge, nodes } = await begin()
  for (const purpose of ['admit', 'approve', 'guard'] as const)
    assert.equal((await judge(inputFor(purpose))).decision.verdict, 'approve')
  assert.equal(nodes.refreshes, 0)
})

test('the controller approves nothing on a list of the Nodes older than five seconds, its rivals included', async () => {
  const { judge, facts, nodes } = await begin()
  nodes.ageMs = 5_001
  const { decision } = await judge(inputFor('approve'))
  assert.deepEqual([decision.verdict, decision.reason], ['unknown', 'NodeUnknown'])
  assert.equal(facts.problem(), 'nothing was heard of Nodes for 5 s')
  await facts.refresh()
  assert.equal(facts.problem(), null)
  assert.equal((await judge(inputFor('approve'))).decision.verdict, 'approve')
})

test('whatever is out of date is refreshed, and nothing else', async () => {
  const { facts, nodes, csrs, serviceCidrs } = await begin()
  nodes.ageMs = 6_000
  csrs.ageMs = 74_000
  serviceCidrs.ageMs = 76_000
  await facts.refresh()
  assert.deepEqual([nodes.refreshes, csrs.refreshes, serviceCidrs.refreshes], [1, 0, 1])
})

test('the webhook admits on an older list of the Nodes, and refuses as not yet conforming on a current one only', async () => {
  const { judge, nodes } = await begin()
  nodes.ageMs = 60_000
  assert.equal((await judge(inputFor('admit'))).decision.verdict, 'approve')
  assert.equal(nodes.refreshes, 0)
  nodes.set('n1', { ...node, addresses: [] })
  nodes.onRefresh = async () => {
    nodes.set('n1', node)
    nodes.ageMs = 0
  }
  assert.equal((await judge(inputFor('admit'))).decision.verdict, 'approve')
  assert.equal(nodes.refreshes, 1)
})

test('reviews without number cost one refresh in five seconds, which they share', async () => {
  const fixture = await begin()
  const { judge, nodes } = fixture
  nodes.set('n1', { ...node, addresses: [] })
  nodes.ageMs = 60_000
  // The API server does not answer in time, so the list stays old.
  nodes.onRefresh = async () => undefined
  const askAll = () => Promise.all(Array.from({ length: 100 }, () => judge(inputFor('admit'))))
  for (const { decision } of await askAll()) assert.equal(decision.verdict, 'unknown')
  fixture.pass(4_999)
  await askAll()
  assert.equal(nodes.refreshes, 1)
  fixture.pass(1)
  await askAll()
  assert.equal(nodes.refreshes, 2)
})

test('who approves by hand asks once: facts that are not current are read again, once in five seconds for all', async () => {
  const fixture = await begin()
  const { judge, nodes } = fixture
  const ask = async () => (await judge(inputFor('guard'))).decision.verdict
  nodes.ageMs = 6_000
  assert.deepEqual([await ask(), await ask(), nodes.refreshes], ['approve', 'approve', 1])
  nodes.ageMs = 6_000
  fixture.pass(4_999)
  assert.deepEqual([await ask(), await ask(), nodes.refreshes], ['unknown', 'unknown', 1])
  fixture.pass(1)
  assert.deepEqual([await ask(), nodes.refreshes], ['approve', 2])
})

test('who approves by hand waits for no fact that cannot change the answer', async () => {
  const { judge, nodes, csrs } = await begin()
  nodes.set('n1', { ...node, addresses: [] })
  csrs.ageMs = 76_000
  const { reason } = (await judge(inputFor('guard'))).decision
  assert.deepEqual([reason, csrs.refreshes], ['AddressNotOfNode', 0])
})

test('who approves by hand and has no more time gets an unknown', async () => {
  const { judge, nodes } = await begin()
  nodes.ageMs = 6_000
  nodes.onRefresh = () => Promise.withResolvers<void>().promise
  const { decision } = await judge({ ...inputFor('guard'), signal: AbortSignal.abort() })
  assert.equal(decision.verdict, 'unknown')
})

test('the webhook gives the watch time to report a Node that has just joined, and its addresses', async () => {
  const { judge, nodes } = await begin()
  nodes.set('n1', undefined)
  const judged = judge(inputFor('admit'))
  for (const reported of [{ names: [], addresses: [] }, { addresses: [] }, {}]) {
    await otherWork()
    nodes.set('n1', { ...node, createdAt: NOW, ...reported })
  }
  assert.equal((await judged).decision.verdict, 'approve')
})

test('the webhook waits for no Node that it cannot read', { timeout: 5_000 }, async (t) => {
  // Nobody turns this clock: a wait would never end.
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { judge, nodes } = await begin()
  nodes.set('n1', undefined)
  nodes.unreadable.add('n1')
  const { verdict, reason } = (await judge(inputFor('admit'))).decision
  assert.deepEqual([verdict, reason], ['unknown', 'NodeUnknown'])
})

test('the webhook does not wait for a Node whose change heals nothing', { timeout: 5_000 }, async (t) => {
  // Nobody turns this clock: a wait would never end.
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { judge, nodes } = await begin()
  nodes.set('n1', { ...node, createdAt: NOW })
  nodes.set('n2', { ...node, name: 'n2' })
  assert.equal((await judge(inputFor('admit'))).decision.reason, 'AddressContested')
})

test('the webhook waits for a refresh no longer than its caller does', async () => {
  const { judge, nodes } = await begin()
  nodes.ageMs = 60_000
  nodes.set('n1', { ...node, addresses: [] })
  nodes.onRefresh = () => new Promise(() => undefined)
  const { decision } = await judge({ ...inputFor('admit'), signal: AbortSignal.timeout(20) })
  assert.equal(decision.verdict, 'unknown')
})

test('a violation needs nothing of the cluster', async () => {
  const { judge, nodes } = await begin()
  nodes.ageMs = 60_000
  const { decision } = await judge(inputFor('approve', { usages: ['client auth'] }))
  assert.deepEqual([decision.verdict, decision.reason, nodes.refreshes], ['deny', 'UsagesNotServing', 0])
})

test('only a request that nothing in itself refuses is kept for those who read it next', async () => {
  const kept: unknown[] = []
  const refused = { ...parsed, sans: [{ kind: 'registeredID', value: '2a', at: 1 }] } as const
  await (await begin(() => refused, kept)).judge(inputFor('admit'))
  assert.deepEqual(kept, [])
  await (await begin(() => parsed, kept)).judge(inputFor('admit'))
  assert.deepEqual(kept, [[inputFor('admit').request, parsed]])
})

test('a CSR of another signer is not even read', async () => {
  const { judge } = await begin(() => assert.fail('was read'))
  const { decision, facts } = await judge(
    inputFor('admit', { signerName: 'kubernetes.io/kube-apiserver-client-kubelet' }),
  )
  assert.deepEqual([decision.verdict, decision.reason], ['ignore', 'OtherSigner'])
  assert.equal(facts.request.readable, false)
})

test('a Node that cannot be read is unknown, and one that is not there is not yet known', async () => {
  const { judge, nodes } = await begin()
  nodes.set('n1', undefined)
  const { decision: absent } = await judge(inputFor('approve'))
  assert.deepEqual(
    [absent.verdict, absent.message],
    ['notYet', 'NodeUnknown: Node n1 does not exist: it has not registered yet, or was deleted'],
  )
  nodes.unreadable.add('n1')
  const { decision: unread } = await judge(inputFor('approve'))
  assert.deepEqual([unread.verdict, unread.message], ['unknown', 'NodeUnknown: the Node n1 cannot be read'])
})

test('nothing is approved while a store it depends on has heard nothing for more than 75 seconds', async () => {
  for (const name of ['csrs', 'serviceCidrs'] as const) {
    const fixture = await begin()
    fixture[name].ageMs = 75_001
    if (name === 'csrs') fixture.nodes.set('n2', { ...node, name: 'n2' })
    assert.equal((await fixture.judge(inputFor('approve'))).decision.verdict, 'unknown', name)
  }
})

test('nothing is approved while no range of Services is known: every cluster has one', async () => {
  const fixture = await begin()
  fixture.serviceCidrs.set('kubernetes', undefined)
  const { decision } = await fixture.judge(inputFor('approve'))
  assert.deepEqual(
    [decision.verdict, decision.message],
    ['unknown', "NameReserved: the list of Service ranges is empty, which no cluster's is"],
  )
})

test('a server without ServiceCIDRs is no unknown', async () => {
  const fixture = await begin()
  fixture.serviceCidrs.phase = 'absent'
  assert.equal((await fixture.judge(inputFor('approve'))).decision.verdict, 'approve')
})

test('a contested address goes to the Node that was last approved with it, and to nobody without evidence', async () => {
  const fixture = await begin()
  fixture.nodes.set('n2', { ...node, name: 'n2', names: ['n2'] })
  assert.equal((await fixture.judge(inputFor('approve'))).decision.reason, 'AddressContested')
  fixture.csrs.set('old', approved('old', 30_000))
  assert.equal((await fixture.judge(inputFor('approve'))).decision.verdict, 'approve')
  fixture.csrs.set('new', approved('new', 20_000, 'system:node:n2'))
  assert.equal((await fixture.judge(inputFor('approve'))).decision.reason, 'AddressContested')
})

test('an approval from before the Node was created is another Node’s', async () => {
  const fixture = await begin()
  fixture.nodes.set('n2', { ...node, name: 'n2', names: ['n2'] })
  fixture.csrs.set('old', approved('old', 90_000))
  assert.equal((await fixture.judge(inputFor('approve'))).decision.reason, 'AddressContested')
})

test('an older Pending request of the same node is superseded for the controller, not for the webhook', async () => {
  const fixture = await begin()
  const newer = csr({ name: 'newer', createdAt: NOW })
  const pending = { csr: newer, request: 'x', resourceVersion: '1', conditions: [], whole: true }
  fixture.csrs.set('newer', { ...approved('newer', 0), approvedAt: null, claims: [], pending })
  assert.equal((await fixture.judge(inputFor('approve'))).decision.reason, 'Superseded')
  assert.equal((await fixture.judge(inputFor('admit'))).decision.verdict, 'approve')
  fixture.csrs.set('newer', undefined)
  assert.equal((await fixture.judge(inputFor('approve'))).decision.verdict, 'approve')
})

test('a node that was approved five times waits a minute, for every purpose', async () => {
  const fixture = await begin()
  for (let count = 0; count < 5; count += 1)
    fixture.csrs.set(`old-${count}`, { ...approved(`old-${count}`, 20_000), claims: [] })
  for (const purpose of ['approve', 'guard', 'admit'] as const) {
    const { decision } = await fixture.judge(inputFor(purpose))
    assert.deepEqual([decision.reason, decision.retryAfterMs], ['TooManyRequests', 40_000])
  }
})

test('an approval that was sent counts for the next judgement', async () => {
  const fixture = await begin()
  const { facts } = await fixture.judge(inputFor('approve', { uid: 'another' }))
  fixture.facts.noteApproval(facts, defaultRules)
  assert.equal((await fixture.judge(inputFor('approve'))).decision.reason, 'KeyAlreadyUsed')
})

test('a judgement that throws is an error and approves nothing', async () => {
  const bug = new TypeError('bug')
  const { judge, errors } = await begin(() => {
    throw bug
  })
  const { decision } = await judge(inputFor('approve'))
  assert.deepEqual([decision.verdict, decision.reason], ['error', 'InternalError'])
  assert.deepEqual(errors, [{ err: bug, csr: '"csr-1"' }])
})
