import assert from 'node:assert/strict'
import test from 'node:test'
import type { JsonObject } from '../ports.ts'
import { until } from '../../test/kit/until.ts'
import { conditionsOf, openFixture, waitingCsr, writes } from './controller.fixture.ts'
import { recheckAfterMs } from './plan.ts'

const node = (name: string, address = '10.0.0.1'): JsonObject & { metadata: { name: string } } => ({
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address }] },
})

const oldNode = (name: string): JsonObject & { metadata: { name: string } } => {
  const creationTimestamp = new Date(Date.now() - 601_000).toISOString()
  return { ...node(name), metadata: { name, creationTimestamp } as { name: string } }
}

test('a CSR that does not conform yet is left, reported once, and judged again when its Node changes', async (t) => {
  const fixture = await openFixture(t, () => 'notYet')
  fixture.csrs.put(waitingCsr('csr-1'))
  await until(() => fixture.judged.length === 1, 'it is judged')
  fixture.nodes.put(node('n1'))
  await until(() => fixture.judged.length === 2, 'it is judged again')
  fixture.script = () => 'approve'
  fixture.nodes.put(node('n1', '10.0.0.2'))
  await until(() => fixture.reported.length === 2, 'it is approved')
  assert.deepEqual(
    fixture.reported.map(({ action, decision }) => `${decision.verdict} ${action}`),
    ['notYet left', 'approve approved'],
  )
})

test('a CSR is not judged again when a Node changes in nothing that matters to it', async (t) => {
  const fixture = await openFixture(t, () => 'notYet')
  fixture.nodes.put(node('n1'))
  await until(() => fixture.knownNodes.get('n1') !== undefined, 'the Node is known')
  fixture.csrs.put(waitingCsr('csr-1'))
  await until(() => fixture.judged.length >= 1, 'it is judged')
  const before = fixture.judged.length
  fixture.nodes.put(node('n1'))
  fixture.nodes.put(node('n9', '10.0.0.9'))
  await until(() => fixture.knownNodes.get('n9') !== undefined, 'both changes are known')
  await fixture.pass(100)
  assert.equal(fixture.judged.length, before)
})

test('a new CSR whose address did not answer for it is judged again after three seconds, another only after ten', async (t) => {
  const fixture = await openFixture(t, () => 'notYet')
  fixture.csrs.put(waitingCsr('csr-1'))
  fixture.csrs.put(waitingCsr('csr-old', 'n2', 20_000))
  fixture.settings = { ...fixture.settings, patienceSeconds: 600 }
  await until(() => fixture.judged.length === 2, 'both are judged')
  fixture.notYet = 'AddressContested'
  fixture.controller.rejudge()
  await fixture.passUntil(() => fixture.judged.length === 4, 'both are judged again')
  await fixture.pass(5_000)
  assert.deepEqual(fixture.judged.slice(4), ['csr-1'])
  await fixture.pass(10_000)
  assert.ok(fixture.judged.slice(4).includes('csr-old'))
})

test('the more CSRs stay undecided, the less often each is judged again, up to a minute', () => {
  assert.deepEqual(
    [0, 500, 1_000, 3_000, 20_000].map((undecided) => recheckAfterMs(undecided)),
    [10_000, 10_000, 20_000, 60_000, 60_000],
  )
})

test('rejudge judges all pending CSRs again, including those that wait for a change', async (t) => {
  const fixture = await openFixture(t, () => 'deny')
  fixture.settings = { ...fixture.settings, denyStored: false }
  fixture.csrs.put(waitingCsr('csr-1'))
  await until(() => fixture.reported.length === 1, 'it is judged and left')
  await fixture.pass(300)
  assert.deepEqual([fixture.judged.length, writes(fixture.api).length], [1, 0])
  fixture.settings = { ...fixture.settings, denyStored: true }
  fixture.controller.rejudge()
  fixture.controller.rejudge()
  await fixture.passUntil(() => conditionsOf(fixture.csrs, 'csr-1').length === 1, 'it is denied')
  assert.equal(fixture.judged.length, 2)
})

test('an approved CSR is not judged again before the watch shows the approval', async (t) => {
  const fixture = await openFixture(t, () => 'approve')
  const waiting = waitingCsr('csr-1')
  fixture.api.plan(
    (_request, response) => {
      const conditions = [{ type: 'Approved', status: 'True', reason: 'Conforms' }]
      const stored = fixture.csrs.put({ ...waiting, status: { conditions } }, true)
      response.end(JSON.stringify(stored))
    },
    ({ method }) => method === 'PATCH',
  )
  fixture.csrs.put(waiting)
  await until(() => fixture.reported.length === 1, 'it is approved')
  fixture.controller.rejudge()
  fixture.nodes.put(node('n1'))
  await until(() => fixture.knownNodes.get('n1') !== undefined, 'the Node is known')
  await fixture.pass(1_300)
  assert.deepEqual([fixture.judged, writes(fixture.api).length], [['csr-1'], 1])
})

for (const happens of ['a change', 'a new policy'] as const)
  test(`a CSR that ${happens} affected while another replica led is judged after taking over`, async (t) => {
    const fixture = await openFixture(t, () => 'deny')
    fixture.settings = { ...fixture.settings, denyStored: false }
    const waiting = waitingCsr('csr-1')
    fixture.csrs.put(waiting)
    await until(() => fixture.reported.length === 1, 'it is judged and left')
    await fixture.pass(100)
    fixture.leads = false
    await fixture.pass(600)
    if (happens === 'a change') {
      fixture.csrs.put({ ...waiting, metadata: { ...waiting.metadata, labels: { new: 'yes' } } })
      fixture.csrs.put(waitingCsr('csr-2', 'n2'))
      await until(() => fixture.knownCsrs.get('csr-2') !== undefined, 'the change is known')
      fixture.csrs.remove('csr-2')
    } else fixture.controller.rejudge()
    await fixture.pass(1_100)
    fixture.leads = true
    await fixture.passUntil(() => fixture.judged.length === 2, 'it is judged again')
  })

test('a CSR that still does not conform when patience ends is denied with its reason', async (t) => {
  const fixture = await openFixture(t, () => 'notYet')
  fixture.settings = { ...fixture.settings, patienceSeconds: 2 }
  fixture.csrs.put(waitingCsr('csr-1'))
  await until(() => fixture.reported.length === 1, 'it is left')
  assert.equal(fixture.reported[0]?.action, 'left')
  await fixture.pass(1_900)
  assert.equal(fixture.reported.length, 1)
  await fixture.pass(200)
  assert.deepEqual(conditionsOf(fixture.csrs, 'csr-1'), ['Denied NodeUnknown'])
  assert.deepEqual(
    fixture.reported.map(({ action }) => action),
    ['left', 'denied'],
  )
})

test('of many CSRs that do not conform, fifty are denied at once and the rest one a second', async (t) => {
  const fixture = await openFixture(t, () => 'notYet')
  const numbers = Array.from({ length: 120 }, (_, number) => number)
  for (const number of numbers) fixture.nodes.put(oldNode(`n${number}`))
  await until(() => fixture.knownNodes.size === 120, 'the Nodes are known')
  for (const number of numbers) fixture.csrs.put(waitingCsr(`csr-${number}`, `n${number}`, 120_000))
  await until(() => fixture.reported.length === 120, 'all are judged')
  assert.equal(writes(fixture.api).length, 50)
  await fixture.pass(15_000)
  const denied = writes(fixture.api).length
  assert.ok(denied > 50 && denied <= 65, `${denied} denied`)
})

test('Nodes of the last ten minutes use half of the denials, however many there are', async (t) => {
  const fixture = await openFixture(t, () => 'notYet')
  for (let count = 0; count < 60; count += 1)
    fixture.csrs.put(waitingCsr(`new-${count}`, `new-${count}`, 120_000))
  fixture.nodes.put(oldNode('old'))
  await until(() => fixture.reported.length === 60, 'all are judged')
  assert.equal(writes(fixture.api).length, 25)
  fixture.csrs.put(waitingCsr('csr-old', 'old', 120_000))
  await until(() => conditionsOf(fixture.csrs, 'csr-old').length === 1, 'the other is denied at once')
})

test('a CSR with the verdict unknown is retried, reported once and never decided', async (t) => {
  const fixture = await openFixture(t, () => 'unknown')
  fixture.csrs.put(waitingCsr('csr-1', 'n1', 120_000))
  await fixture.passUntil(() => fixture.judged.length >= 3, 'it is judged three times')
  assert.deepEqual([fixture.reported.length, writes(fixture.api).length], [1, 0])
  fixture.script = () => 'approve'
  await fixture.passUntil(() => conditionsOf(fixture.csrs, 'csr-1').length === 1, 'it is approved')
})

test('dryRun writes nothing, and approveOnly denies nothing', async (t) => {
  const fixture = await openFixture(t, ({ csr }) => (csr.name === 'good' ? 'approve' : 'deny'))
  fixture.settings = { ...fixture.settings, mode: 'dryRun' }
  fixture.csrs.put(waitingCsr('good', 'n1'))
  fixture.csrs.put(waitingCsr('bad', 'n2'))
  await until(() => fixture.reported.length === 2, 'both are judged')
  assert.deepEqual(writes(fixture.api), [])
  fixture.settings = { ...fixture.settings, mode: 'approveOnly' }
  fixture.controller.rejudge()
  await fixture.passUntil(() => conditionsOf(fixture.csrs, 'good').length === 1, 'the good one is approved')
  assert.deepEqual(conditionsOf(fixture.csrs, 'bad'), [])
})

test('an ignored CSR is neither written nor reported', async (t) => {
  const fixture = await openFixture(t, () => 'ignore')
  fixture.csrs.put(waitingCsr('csr-1'))
  await until(() => fixture.judged.length === 1, 'it is judged')
  await fixture.pass(200)
  assert.deepEqual([fixture.judged.length, writes(fixture.api).length, fixture.reported.length], [1, 0, 0])
})

test('CSRs that were displaced from a full queue are decided after the next sweep', async (t) => {
  const fixture = await openFixture(t, () => 'approve')
  fixture.leads = false
  for (let count = 0; count < 100; count += 1) fixture.csrs.put(waitingCsr(`csr-${count}`, 'flooder'))
  await until(() => fixture.knownCsrs.size === 100 && fixture.queued() === 0, 'all are left to the leader')
  await fixture.pass(600)
  fixture.leads = true
  await fixture.pass(500)
  const decided = (): number =>
    fixture.csrs.list().filter(({ metadata }) => conditionsOf(fixture.csrs, metadata.name).length).length
  await until(() => decided() === 64, 'as many as the queue holds of one node are approved')
  await fixture.pass(100)
  assert.equal(decided(), 64)
  await fixture.passUntil(() => decided() === 100, 'all are approved')
})
