import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { answering, hanging, resetting } from '../../test/embedded/faults.ts'
import { FaultyApi } from '../../test/embedded/faulty-api.ts'
import { listen } from '../../test/kit/quiet.ts'
import { until } from '../../test/kit/until.ts'
import { connect } from '../kube/transport.ts'
import { LeaderElection } from './lease.ts'

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/webhook/leases'
const times = { durationMs: 1_000, deadlineMs: 600, retryMs: 100, unableMs: 400 }

async function begin(t: test.TestContext) {
  const api = await FaultyApi.start()
  const leases = api.collection(LEASES)
  const events: string[] = []
  const started: LeaderElection[] = []
  const { log, recorder } = listen()
  const cluster = connect({ env: api.env, serviceAccount: api.serviceAccount }, recorder)
  const replica = (identity: string): LeaderElection => {
    const election = new LeaderElection({
      namespace: 'webhook',
      name: 'controller',
      identity,
      api: cluster,
      clock: cluster.clock,
      log,
      recorder,
      onAcquired: () => events.push(`${identity} leads`),
      onLost: () => events.push(`${identity} lost`),
      times,
    })
    started.push(election)
    election.start()
    return election
  }
  t.after(async () => {
    api.forgetPlans()
    for (const election of started) await election.stop()
    await cluster.close()
    await api[Symbol.asyncDispose]()
  })
  const spec = (): Record<string, unknown> => ({ ...Object(leases.get('controller')?.['spec']) })
  return { api, leases, events, replica, spec }
}

test('the first replica creates the Lease and becomes the leader', async (t) => {
  const { replica, events, spec } = await begin(t)
  const one = replica('one')
  await until(() => one.isLeader(), 'it leads')
  assert.deepEqual(events, ['one leads'])
  assert.match(String(spec()['holderIdentity']), /^one_[0-9a-f-]{36}$/u)
  assert.match(String(spec()['renewTime']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/u)
})

test('two replicas with the same name never lead at the same time', async (t) => {
  const { replica, events } = await begin(t)
  const one = replica('host')
  const two = replica('host')
  for (let look = 0; look < 100; look += 1) {
    assert.ok(!(one.isLeader() && two.isLeader()))
    await sleep(15)
  }
  assert.deepEqual(events, ['host leads'])
})

test('a leader that stops releases the Lease, and another replica takes over at its next retry', async (t) => {
  const { replica, events, spec } = await begin(t)
  const one = replica('one')
  await until(() => one.isLeader(), 'one leads')
  const two = replica('two')
  await sleep(50)
  const stoppedAt = performance.now()
  await one.stop()
  assert.equal(one.isLeader(), false)
  await until(() => two.isLeader(), 'two leads')
  assert.ok(performance.now() - stoppedAt < times.durationMs)
  assert.deepEqual(events, ['one leads', 'two leads'])
  assert.equal(spec()['leaseTransitions'], 1)
})

test('a Lease that is no longer renewed is taken after its duration, and not before', async (t) => {
  const { leases, replica } = await begin(t)
  const spec = { holderIdentity: 'dead', leaseDurationSeconds: 1, renewTime: '2020-01-01T00:00:00.000000Z' }
  leases.put({ metadata: { name: 'controller' }, spec })
  const begunAt = performance.now()
  const two = replica('two')
  await until(() => two.isLeader(), 'two leads')
  assert.ok(performance.now() - begunAt >= 1_000)
})

test('a leader that cannot renew stops at its deadline, which is before the Lease expires', async (t) => {
  const { api, replica, events } = await begin(t)
  const one = replica('one')
  await until(() => one.isLeader(), 'one leads')
  api.plan(hanging, () => true, 1_000)
  await until(() => !one.isLeader(), 'one stops leading', times.durationMs)
  await until(() => events.includes('one lost'), 'the loss is reported')
  api.forgetPlans()
  await until(() => one.isLeader(), 'one leads again')
})

test('a few failed renewals do not end leadership', async (t) => {
  const { api, replica, events } = await begin(t)
  const one = replica('one')
  await until(() => one.isLeader(), 'one leads')
  api.plan(resetting)
  api.plan(answering({ code: 500, reason: 'InternalError', message: 'etcd' }))
  await sleep(500)
  assert.equal(one.isLeader(), true)
  assert.deepEqual(events, ['one leads'])
})

test('a leader stops at once if another took the Lease', async (t) => {
  const { leases, replica, events } = await begin(t)
  const one = replica('one')
  await until(() => one.isLeader(), 'one leads')
  leases.put({
    metadata: { name: 'controller' },
    spec: { holderIdentity: 'thief', leaseDurationSeconds: 15 },
  })
  await until(() => !one.isLeader(), 'one stops leading', 300)
  assert.deepEqual(events, ['one leads', 'one lost'])
})

test('a process that was suspended past its deadline does not lead when it resumes', async (t) => {
  const { replica } = await begin(t)
  const one = replica('one')
  await until(() => one.isLeader(), 'one leads')
  const wakesAt = performance.now() + times.deadlineMs + 50
  while (performance.now() < wakesAt); // Blocks the event loop, as SIGSTOP does.
  assert.equal(one.isLeader(), false)
})

test('a deleted Lease is created again', async (t) => {
  const { leases, replica, spec } = await begin(t)
  const one = replica('one')
  await until(() => one.isLeader(), 'one leads')
  leases.remove('controller')
  await until(() => String(spec()['holderIdentity']).startsWith('one_'), 'the Lease is back')
  assert.equal(one.isLeader(), true)
})
