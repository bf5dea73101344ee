/** What a node's share of approvals means for the controller. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Facts } from '../../policies/types.ts'
import { answering, resetting } from '../../test/embedded/faults.ts'
import { until } from '../../test/kit/until.ts'
import type { Judge } from '../ports.ts'
import { conditionsOf, openFixture, waitingCsr, writes } from './controller.fixture.ts'

const isWrite = ({ method }: { method?: string | undefined }): boolean => method === 'PATCH'

/** Facts that keep which approvals were noted. */
function noting() {
  const noted: string[] = []
  const noteApproval = ({ csr }: Facts) => void noted.push(csr.name)
  return { noted, facts: { problem: () => null, refresh: async () => undefined, noteApproval } }
}

test('an approval is noted once it is sent, also when its answer is lost', async (t) => {
  const { noted, facts } = noting()
  const fixture = await openFixture(t, ({ csr }) => (csr.name === 'bad' ? 'deny' : 'approve'), { facts })
  fixture.csrs.put(waitingCsr('csr-1'))
  fixture.csrs.put(waitingCsr('bad', 'n2'))
  await until(() => fixture.reported.length === 2, 'both are decided')
  assert.deepEqual(noted, ['csr-1'])
  fixture.api.plan(resetting, isWrite)
  fixture.csrs.put(waitingCsr('csr-2'))
  await fixture.passUntil(() => fixture.reported.length === 3, 'it is approved after all')
  assert.deepEqual(noted, ['csr-1', 'csr-2', 'csr-2'])
})

test('an approval that the API server refused is not noted', async (t) => {
  const { noted, facts } = noting()
  const fixture = await openFixture(t, () => 'approve', { facts })
  fixture.api.plan(answering({ code: 403, reason: 'Forbidden', message: '' }), isWrite)
  fixture.csrs.put(waitingCsr('csr-1'))
  await until(() => writes(fixture.api).length === 1, 'it is tried')
  await fixture.pass(50)
  assert.deepEqual(noted, [])
})

test('a CSR that passes after a while is judged again then, and is not denied however old it is', async (t) => {
  const times: number[] = []
  const judge: Judge = async ({ csr, ...input }) => {
    times.push(Date.now())
    const waits = times.length === 1
    const [verdict, reason] = waits
      ? (['notYet', 'TooManyRequests'] as const)
      : (['approve', 'Conforms'] as const)
    const decision = { verdict, reason, message: reason, findings: [], awaited: true, policyHash: '' }
    const request = { readable: false, code: 'Scripted', at: 0, message: '' } as const
    const facts = { ...input, csr, request, now: 0, cluster: null }
    return { decision: waits ? { ...decision, retryAfterMs: 1_500 } : decision, facts }
  }
  const fixture = await openFixture(t, () => 'notYet', { judge })
  fixture.csrs.put(waitingCsr('csr-1', 'n1', 120_000))
  await until(() => fixture.reported.length === 1, 'it is left')
  await fixture.passUntil(() => fixture.reported.length === 2, 'it is approved')
  assert.deepEqual(conditionsOf(fixture.csrs, 'csr-1'), ['Approved Conforms'])
  const waitedMs = (times[1] ?? 0) - (times[0] ?? 0)
  assert.ok(waitedMs >= 1_500 && waitedMs < 1_700, `${waitedMs} ms`)
})

test('a CSR for which the queue had no room is decided after the next sweep', async (t) => {
  const fixture = await openFixture(t, ({ csr }) => (csr.name === 'last' ? 'approve' : 'ignore'))
  fixture.leads = false
  for (let count = 0; count < 10_000; count += 1) fixture.csrs.put(waitingCsr(`csr-${count}`, `n${count}`))
  fixture.csrs.put(waitingCsr('last', 'last'))
  await until(() => fixture.knownCsrs.size === 10_001, 'all are known', 60_000)
  await until(() => fixture.queued() === 0, 'all are left to the leader', 60_000)
  fixture.leads = true
  await fixture.passUntil(() => conditionsOf(fixture.csrs, 'last').length === 1, 'it is approved')
  assert.equal(fixture.judged.length, 10_001)
})
