import assert from 'node:assert/strict'
import test from 'node:test'
import { answering, hanging, resetting } from '../../test/embedded/faults.ts'
import { FaultyApi } from '../../test/embedded/faulty-api.ts'
import { listen } from '../../test/kit/quiet.ts'
import { until } from '../../test/kit/until.ts'
import { objectAt } from '../json.ts'
import { connect } from '../kube/transport.ts'
import { LeaderElection } from './lease.ts'

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/webhook/leases'
/** None of these ends before a busy machine has done what a test is about. */
const LONG = { durationMs: 60_000, deadlineMs: 40_000, retryMs: 100, unableMs: 400 }
const SHORT = { durationMs: 1_000, deadlineMs: 600, retryMs: 100, unableMs: 400 }

async function begin(t: test.TestContext, times = LONG) {
  const api = await FaultyApi.start()
  const leases = api.collection(LEASES)
  const events: string[] = []
  const started: LeaderElection[] = []
  const { log, recorder } = listen()
  const cluster = connect({ env: api.env, serviceAccount: api.serviceAccount }, recorder)
  const replica = (identity: string, able = () => true): LeaderElection => {
    const election = new LeaderElection({
      namespace: 'webhook',
      name: 'controller',
      identity,
      api: cluster,
      clock: cluster.clock,
      log,
      recorder,
      able,
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
  const { api, replica, events } = await begin(t)
  const one = replica('host')
  const two = replica('host')
  let both = false
  await until(() => {
    both ||= one.isLeader() && two.isLeader()
    return api.heard.length > 20
  }, 'both have tried again and again')
  assert.ok(!both)
  assert.deepEqual(events, ['host leads'])
})

test('a leader that stops releases the Lease, and another replica takes over at its next retry', async (t) => {
  const { api, replica, events, spec } = await begin(t)
  const one = replica('one')
  await until(() => one.isLeader(), 'one leads')
  const looks = () => api.heard.filter(({ method }) => method === 'GET').length
  const before = looks()
  const two = replica('two')
  await until(() => looks() > before, 'two has seen the Lease')
  await one.stop()
  assert.equal(one.isLeader(), false)
  await until(() => two.isLeader(), 'two leads')
  assert.deepEqual(events, ['one leads', 'two leads'])
  assert.equal(spec()['leaseTransitions'], 1)
})

test('a Lease that is no longer renewed is taken after its duration, and not before', async (t) => {
  const { leases, replica } = await begin(t, SHORT)
  const spec = { holderIdentity: 'dead', leaseDurationSeconds: 1, renewTime: '2020-01-01T00:00:00.000000Z' }
  leases.put({ metadata: { name: 'controller' }, spec })
  const begunAt = performance.now()
  const two = replica('two')
  await until(() => two.isLeader(), 'two leads')
  assert.ok(performance.now() - begunAt >= 1_000)
})

test('a leader that cannot renew stops at its deadline, which is before the Lease expires', async (t) => {
  const { api, replica, events } = await begin(t, SHORT)
  const one = replica('one')
  await until(() => one.isLeader(), 'one leads')
  api.plan(hanging, () => true, 1_000)
  await until(() => !one.isLeader(), 'one stops leading', SHORT.durationMs)
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
  const before = api.heard.length
  await until(() => api.heard.length > before + 6, 'it has renewed again')
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
  await until(() => !one.isLeader(), 'one stops leading')
  assert.deepEqual(events, ['one leads', 'one lost'])
})

test('a process that was suspended past its deadline does not lead when it resumes', async (t) => {
  const { replica } = await begin(t, SHORT)
  const one = replica('one')
  await until(() => one.isLeader(), 'one leads')
  const wakesAt = performance.now() + SHORT.deadlineMs + 50
  while (performance.now() < wakesAt); // Blocks the event loop, as SIGSTOP does.
  assert.equal(one.isLeader(), false)
})

test('a machine that was suspended past the deadline stops its leader: only the wall clock has moved', async (t) => {
  const { replica } = await begin(t)
  const one = replica('one')
  await until(() => one.isLeader(), 'one leads')
  const { now } = Date
  t.mock.method(Date, 'now', () => now() + LONG.deadlineMs)
  assert.equal(one.isLeader(), false)
})

test('a renewal counts from when it was sent, not from its answer', async (t) => {
  let monotonic = 0
  const called: string[] = []
  const election = new LeaderElection({
    namespace: 'webhook',
    name: 'controller',
    identity: 'one',
    api: {
      async call({ method, body }) {
        called.push(method)
        if (method === 'GET')
          return { ok: false, status: 404, reason: 'NotFound', message: '', retryAfterMs: null }
        monotonic += LONG.deadlineMs
        const metadata = { ...objectAt(body, 'metadata'), resourceVersion: '1' }
        return { ok: true, status: 201, object: { ...objectAt(body), metadata } }
      },
    },
    clock: { monotonic: () => monotonic, serverNow: () => 0 },
    ...listen(),
    onAcquired: () => void called.push('leads'),
    times: LONG,
  })
  t.after(async () => await election.stop())
  election.start()
  await until(() => called.includes('leads'), 'it is told that it leads')
  assert.equal(election.isLeader(), false)
})

test('a deleted Lease is created again', async (t) => {
  const { leases, replica, spec } = await begin(t)
  const one = replica('one')
  await until(() => one.isLeader(), 'one leads')
  leases.remove('controller')
  await until(() => String(spec()['holderIdentity']).startsWith('one_'), 'the Lease is back')
  assert.equal(one.isLeader(), true)
})

test('a leader that can no longer decide gives the Lease to a replica that can', async (t) => {
  const { replica, events } = await begin(t)
  let isAble = true
  const one = replica('one', () => isAble)
  await until(() => one.isLeader(), 'one leads')
  const two = replica('two')
  isAble = false
  await until(() => two.isLeader(), 'two leads')
  assert.deepEqual(events, ['one leads', 'one lost', 'two leads'])
})
