import assert from 'node:assert/strict'
import test from 'node:test'
import { answering, resetting } from '../../test/embedded/faults.ts'
import { until } from '../../test/kit/until.ts'
import { CSRS_PATH } from '../facts/stored-csr.ts'
import type { ControllerDependencies } from './controller.ts'
import { conditionsOf, openFixture, waitingCsr, writes } from './controller.fixture.ts'

const isWrite = ({ method }: { method?: string | undefined }): boolean => method === 'PATCH'
const isGet = ({ method, url }: { method?: string | undefined; url?: string | undefined }): boolean =>
  method === 'GET' && url === `${CSRS_PATH}/csr-1`
const conflict = answering({ code: 409, reason: 'Conflict', message: 'the object has been modified' })

test('a conforming CSR is approved once, with one API call', async (t) => {
  const fixture = await openFixture(t, () => 'approve')
  fixture.csrs.put(waitingCsr('csr-1'))
  await until(() => fixture.reported.length === 1, 'it is approved')
  await fixture.pass(50)
  assert.deepEqual(conditionsOf(fixture.csrs, 'csr-1'), ['Approved Conforms'])
  assert.deepEqual(writes(fixture.api), [`${CSRS_PATH}/csr-1/approval?fieldManager=kubelet-csr-gate`])
  assert.deepEqual(fixture.judged, ['csr-1'])
  assert.deepEqual(
    fixture.reported.map(({ action, component, csr }) => [action, component, csr.name]),
    [['approved', 'controller', 'csr-1']],
  )
})

test('the patch carries uid, version and the conditions of others, and touches nothing else', async (t) => {
  const fixture = await openFixture(t, () => 'approve')
  const seen = { type: 'Seen', status: 'True' }
  const stored = fixture.csrs.put({ ...waitingCsr('csr-1'), status: { conditions: [seen] } })
  await until(() => writes(fixture.api).length === 1, 'it is approved')
  const message = 'Conforms: every check passes for node n1 (Node uid unknown), policy abc123'
  const { uid, resourceVersion } = stored.metadata
  assert.deepEqual(fixture.api.heard.find(isWrite)?.body, {
    metadata: { uid, resourceVersion },
    status: { conditions: [seen, { type: 'Approved', reason: 'Conforms', message, status: 'True' }] },
  })
})

test('a violation is denied with its reason code', async (t) => {
  const fixture = await openFixture(t, () => 'deny')
  fixture.csrs.put(waitingCsr('csr-1'))
  await until(() => fixture.reported.length === 1, 'it is denied')
  assert.deepEqual(conditionsOf(fixture.csrs, 'csr-1'), ['Denied CsrUnreadable'])
  assert.equal(fixture.reported[0]?.action, 'denied')
})

test('200 CSRs of 200 nodes are all approved, with one write each', async (t) => {
  const fixture = await openFixture(t, () => 'approve')
  for (let node = 0; node < 200; node += 1) fixture.csrs.put(waitingCsr(`csr-${node}`, `n${node}`))
  const undecided = (): number =>
    fixture.csrs.list().filter(({ metadata }) => !conditionsOf(fixture.csrs, metadata.name).length).length
  await until(() => undecided() === 0, 'all are approved')
  assert.equal(writes(fixture.api).length, 200)
})

test('a replica judges and writes nothing until it becomes the leader', async (t) => {
  const fixture = await openFixture(t, () => 'approve')
  fixture.leads = false
  fixture.csrs.put(waitingCsr('csr-1'))
  await until(() => fixture.knownCsrs.size === 1, 'it is known')
  await fixture.pass(700)
  assert.deepEqual([fixture.judged, writes(fixture.api)], [[], []])
  fixture.leads = true
  await fixture.passUntil(() => conditionsOf(fixture.csrs, 'csr-1').length === 1, 'it is approved', 1_000)
})

test('nothing is written if leadership is lost between judgement and write', async (t) => {
  const fixture = await openFixture(t, () => {
    fixture.leads = false
    return 'approve'
  })
  fixture.csrs.put(waitingCsr('csr-1'))
  await until(() => fixture.judged.length === 1, 'it is judged')
  await fixture.pass(50)
  assert.deepEqual([writes(fixture.api), fixture.reported], [[], []])
})

test('an approval whose answer is lost counts as written, and one that was refused does not', async (t) => {
  const noted: string[] = []
  const facts: ControllerDependencies['facts'] = {
    problem: () => null,
    refresh: async () => undefined,
    noteApproval: ({ csr }) => void noted.push(csr.name),
  }
  const fixture = await openFixture(t, () => 'approve', { facts })
  fixture.api.plan(resetting, ({ method }) => method === 'PATCH')
  fixture.csrs.put(waitingCsr('csr-lost'))
  await until(() => noted.length > 0, 'it is noted')
  fixture.api.plan(
    answering({ code: 403, reason: 'Forbidden', message: 'no' }),
    ({ method }) => method === 'PATCH',
  )
  fixture.csrs.put(waitingCsr('csr-refused', 'n2'))
  await until(() => writes(fixture.api).length === 2, 'both were sent')
  await fixture.pass(50)
  assert.deepEqual(noted, ['csr-lost'])
})

test('a CSR that is recreated under the same name between read and write gets its own decision', async (t) => {
  const fixture = await openFixture(t, ({ csr }) => {
    if (csr.requester.username === 'system:node:evil') return 'deny'
    fixture.csrs.remove('csr-1', true)
    fixture.csrs.put(waitingCsr('csr-1', 'evil'), true)
    return 'approve'
  })
  fixture.csrs.put(waitingCsr('csr-1', 'honest'))
  await fixture.passUntil(() => conditionsOf(fixture.csrs, 'csr-1').length === 1, 'the second is decided')
  assert.deepEqual(conditionsOf(fixture.csrs, 'csr-1'), ['Denied CsrUnreadable'])
  assert.equal(writes(fixture.api).length, 2)
})

test('after a conflict the CSR is read again, and gets no condition if it is already decided', async (t) => {
  const fixture = await openFixture(t, () => {
    const conditions = [{ type: 'Denied', status: 'True', reason: 'ByHand' }]
    fixture.csrs.put({ ...waitingCsr('csr-1'), status: { conditions } }, true)
    return 'approve'
  })
  fixture.csrs.put(waitingCsr('csr-1'))
  await fixture.passUntil(() => fixture.api.heard.some(isGet), 'it is read again')
  await fixture.pass(100)
  assert.deepEqual(conditionsOf(fixture.csrs, 'csr-1'), ['Denied ByHand'])
  assert.deepEqual([fixture.judged.length, writes(fixture.api).length, fixture.reported.length], [1, 1, 0])
})

test('a conflict with a CSR that only gained a label is judged again and approved', async (t) => {
  const fixture = await openFixture(t, () => 'approve')
  fixture.api.plan(conflict, isWrite)
  fixture.csrs.put(waitingCsr('csr-1'))
  await fixture.passUntil(() => fixture.reported.length === 1, 'it is approved')
  assert.deepEqual([fixture.judged.length, writes(fixture.api).length], [2, 2])
})

test('one conflict after the other is waited for, not raced', async (t) => {
  const fixture = await openFixture(t, () => 'approve')
  fixture.api.plan(conflict, isWrite, 4)
  fixture.csrs.put(waitingCsr('csr-1'))
  await fixture.passUntil(() => conditionsOf(fixture.csrs, 'csr-1').length === 1, 'it is approved')
  assert.equal(writes(fixture.api).length, 5)
})

for (const [code, reason] of [
  [404, 'NotFound'],
  [422, 'Invalid'],
] as const)
  test(`a CSR that is deleted is dropped after one write, which is answered ${code}`, async (t) => {
    const fixture = await openFixture(t, () => 'approve')
    fixture.api.plan(answering({ code, reason, message: '' }), isWrite)
    fixture.api.plan(answering({ code: 404, reason: 'NotFound', message: '' }), isGet)
    fixture.csrs.put(waitingCsr('csr-1'))
    await until(() => writes(fixture.api).length === 1, 'it is tried')
    await fixture.pass(1_000)
    assert.equal(writes(fixture.api).length, 1)
  })

test('a broken connection, a 5xx and a 429 are retried until the condition is written', async (t) => {
  const fixture = await openFixture(t, () => 'approve')
  fixture.api.plan(resetting, isWrite)
  fixture.api.plan(answering({ code: 500, reason: 'InternalError', message: 'etcd' }), isWrite)
  fixture.api.plan(
    answering({ code: 429, reason: 'TooManyRequests', message: 'slow' }, { 'retry-after': '1' }),
    isWrite,
  )
  fixture.csrs.put(waitingCsr('csr-1'))
  await fixture.passUntil(() => fixture.cluster.isPaused(), 'it is to wait')
  await until(() => !fixture.cluster.isPaused(), 'it may go on')
  assert.equal(writes(fixture.api).length, 3)
  await fixture.passUntil(() => fixture.reported.length === 1, 'it is approved')
  assert.deepEqual(
    fixture.reported.map(({ action }) => action),
    ['approved'],
  )
})

test('Retry-After delays the work on every CSR, not only on the one that received it', async (t) => {
  const fixture = await openFixture(t, () => 'approve', { concurrency: 1 })
  fixture.api.plan(
    answering({ code: 429, reason: 'TooManyRequests', message: 'slow' }, { 'retry-after': '1' }),
    isWrite,
  )
  fixture.csrs.put(waitingCsr('csr-1'))
  fixture.csrs.put(waitingCsr('csr-2', 'n2'))
  await until(() => writes(fixture.api).length === 1, 'the first is tried')
  await fixture.pass(600)
  await until(() => !fixture.cluster.isPaused(), 'it may go on')
  assert.equal(writes(fixture.api).length, 1)
  assert.deepEqual(fixture.judged, ['csr-1'])
  await fixture.passUntil(() => writes(fixture.api).length === 3, 'both are written')
})

test('while the state of the cluster is not known no CSR is looked at, and all wait for one refresh', async (t) => {
  let problem: string | null = 'the list of Nodes has not been read yet'
  let refreshes = 0
  const facts = {
    problem: () => problem,
    refresh: async () => void (refreshes += 1),
    noteApproval: () => undefined,
  }
  const fixture = await openFixture(t, () => 'approve', { facts })
  for (let node = 0; node < 20; node += 1) fixture.csrs.put(waitingCsr(`csr-${node}`, `n${node}`))
  await until(() => refreshes > 2, 'it is refreshed again and again')
  await fixture.pass(20_000)
  const asked = fixture.api.heard.filter(({ url }) => !url.includes('limit=') && !url.includes('watch='))
  assert.deepEqual([fixture.judged, asked], [[], []])
  problem = null
  await until(() => writes(fixture.api).length === 20, 'all are approved')
})

test('an exception for one CSR does not affect others', async (t) => {
  const fixture = await openFixture(t, ({ csr }) => {
    if (csr.name === 'poison') throw new Error('a bug')
    return 'approve'
  })
  fixture.csrs.put(waitingCsr('poison', 'n0'))
  fixture.csrs.put(waitingCsr('csr-1'))
  await until(() => conditionsOf(fixture.csrs, 'csr-1').length === 1, 'the other is approved')
  assert.deepEqual(conditionsOf(fixture.csrs, 'poison'), [])
  assert.ok(fixture.logged.includes('error: reconciling a CSR failed unexpectedly'))
})

test('a large CSR is read again before it is judged', async (t) => {
  const fixture = await openFixture(t, () => 'deny')
  const large = waitingCsr('csr-1')
  fixture.csrs.put({ ...large, spec: { ...Object(large['spec']), request: 'A'.repeat(30_000) } })
  await until(() => conditionsOf(fixture.csrs, 'csr-1').length === 1, 'it is denied')
  assert.equal(fixture.api.heard.filter(isGet).length, 1)
})

test('of CSRs that the store could not keep, eight are read again at once, and all are decided', async (t) => {
  let reading = 0
  const held = Promise.withResolvers<void>()
  const fixture = await openFixture(t, async () => {
    reading += 1
    await held.promise
    return 'approve' as const
  })
  for (let node = 0; node < 30; node += 1) {
    const large = waitingCsr(`csr-${node}`, `n${node}`)
    fixture.csrs.put({ ...large, spec: { ...Object(large['spec']), request: 'A'.repeat(30_000) } })
  }
  await until(() => reading === 8 && fixture.queued() === 22, 'eight are read')
  held.resolve()
  await until(() => writes(fixture.api).length === 30, 'all are approved')
})

test('a warning is logged if the signer refuses an approved CSR', async (t) => {
  const fixture = await openFixture(t, () => 'approve')
  fixture.csrs.put(waitingCsr('csr-1'))
  await until(() => conditionsOf(fixture.csrs, 'csr-1').length === 1, 'it is approved')
  const approved = { type: 'Approved', status: 'True' }
  const failed = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message: 'no' }
  fixture.csrs.put({ ...waitingCsr('csr-1'), status: { conditions: [approved, failed] } })
  await until(() => fixture.logged.includes('warn: the signer refused an approved CSR'), 'it is logged')
})

test('a stopped controller judges and writes nothing', async (t) => {
  const fixture = await openFixture(t, () => 'approve')
  await fixture.controller.stop()
  fixture.csrs.put(waitingCsr('csr-1'))
  await until(() => fixture.knownCsrs.size === 1, 'it is known')
  await fixture.pass(700)
  assert.deepEqual([fixture.judged, writes(fixture.api)], [[], []])
})

test('a controller whose work never ends is not live, and one that has nothing to do or does not lead is', async (t) => {
  const fixture = await openFixture(t, () => new Promise<never>(() => undefined))
  const minute = (): void => {
    for (let tick = 0; tick < 120; tick += 1) t.mock.timers.tick(500)
  }
  minute()
  assert.equal(fixture.controller.problem(), null)
  fixture.csrs.put(waitingCsr('csr-1'))
  await until(() => fixture.judged.length === 1, 'it is judged')
  minute()
  assert.match(fixture.controller.problem() ?? '', /^CSRs are due/u)
  fixture.leads = false
  minute()
  assert.equal(fixture.controller.problem(), null)
})

test('only the leader expects to approve, and only what a judgement left open', async (t) => {
  const fixture = await openFixture(t, ({ csr }) => (csr.name === 'csr-1' ? 'deny' : 'unknown'), {
    webhookEnabled: false,
  })
  const stored = ['csr-1', 'csr-2'].map((name) => fixture.csrs.put(waitingCsr(name, name)).metadata)
  const approvable = () => stored.map((csr) => fixture.controller.isApprovable(csr))
  await until(() => fixture.judged.length > 1 && approvable().includes(false), 'both are judged')
  assert.deepEqual(approvable(), [false, true])
  fixture.leads = false
  assert.deepEqual(approvable(), [false, false])
})
