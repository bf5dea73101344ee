import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { answering, resetting } from '../../test/kit/fake-api/fake-api.ts'
import { until } from '../../test/kit/until.ts'
import { CSRS_PATH } from '../facts/stored-csr.ts'
import { conditionsOf, openLab, waitingCsr, writes } from './controller.fixture.ts'

const isWrite = ({ method }: { method?: string | undefined }): boolean => method === 'PATCH'
const isGet = ({ method, url }: { method?: string | undefined; url?: string | undefined }): boolean =>
  method === 'GET' && url === `${CSRS_PATH}/csr-1`
const conflict = answering({ code: 409, reason: 'Conflict', message: 'the object has been modified' })

test('a conforming CSR is approved once, by one request', async (t) => {
  const lab = await openLab(t, () => 'approve')
  lab.csrs.put(waitingCsr('csr-1'))
  await until(() => lab.told.length === 1, 'it is approved')
  await sleep(50)
  assert.deepEqual(conditionsOf(lab.csrs, 'csr-1'), ['Approved Conforms'])
  assert.deepEqual(writes(lab.api), [`${CSRS_PATH}/csr-1/approval?fieldManager=kubelet-csr-gate`])
  assert.deepEqual(lab.judged, ['csr-1'])
  assert.deepEqual(
    lab.told.map(({ action, component, csr }) => [action, component, csr.name]),
    [['approved', 'controller', 'csr-1']],
  )
})

test('the patch carries uid, version and the conditions of others, and touches nothing else', async (t) => {
  const lab = await openLab(t, () => 'approve')
  const seen = { type: 'Seen', status: 'True' }
  const stored = lab.csrs.put({ ...waitingCsr('csr-1'), status: { conditions: [seen] } })
  await until(() => writes(lab.api).length === 1, 'it is approved')
  const message = 'Conforms: every check passes for node n1 (Node uid unknown), policy abc123'
  const { uid, resourceVersion } = stored.metadata
  assert.deepEqual(lab.api.heard.find(isWrite)?.body, {
    metadata: { uid, resourceVersion },
    status: { conditions: [seen, { type: 'Approved', reason: 'Conforms', message, status: 'True' }] },
  })
})

test('a violation is denied with its code and its words', async (t) => {
  const lab = await openLab(t, () => 'deny')
  lab.csrs.put(waitingCsr('csr-1'))
  await until(() => lab.told.length === 1, 'it is denied')
  assert.deepEqual(conditionsOf(lab.csrs, 'csr-1'), ['Denied CsrUnreadable'])
  assert.equal(lab.told[0]?.action, 'denied')
})

test('CSRs that were there before the controller, and those of many nodes at once, are all decided', async (t) => {
  const lab = await openLab(t, () => 'approve')
  for (let node = 0; node < 200; node += 1) lab.csrs.put(waitingCsr(`csr-${node}`, `n${node}`))
  const undecided = (): number =>
    [...lab.csrs.objects.keys()].filter((name) => !conditionsOf(lab.csrs, name).length).length
  await until(() => undecided() === 0, 'all are approved')
  assert.equal(writes(lab.api).length, 200)
})

test('nothing is judged or written by a replica that does not lead, and everything once it does', async (t) => {
  const lab = await openLab(t, () => 'approve')
  lab.leads = false
  lab.csrs.put(waitingCsr('csr-1'))
  await sleep(700)
  assert.deepEqual([lab.judged, writes(lab.api)], [[], []])
  lab.leads = true
  await until(() => conditionsOf(lab.csrs, 'csr-1').length === 1, 'it is approved', 1_000)
})

test('leadership lost between judgement and write writes nothing', async (t) => {
  const lab = await openLab(t, () => {
    lab.leads = false
    return 'approve'
  })
  lab.csrs.put(waitingCsr('csr-1'))
  await until(() => lab.judged.length === 1, 'it is judged')
  await sleep(50)
  assert.deepEqual([writes(lab.api), lab.told], [[], []])
})

test('a CSR made anew under the same name between read and write is judged itself, and not approved for the first', async (t) => {
  const lab = await openLab(t, ({ csr }) => {
    if (csr.requester.username === 'system:node:evil') return 'deny'
    lab.csrs.remove('csr-1', true)
    lab.csrs.put(waitingCsr('csr-1', 'evil'), true)
    return 'approve'
  })
  lab.csrs.put(waitingCsr('csr-1', 'honest'))
  await until(() => conditionsOf(lab.csrs, 'csr-1').length === 1, 'the second is decided')
  assert.deepEqual(conditionsOf(lab.csrs, 'csr-1'), ['Denied CsrUnreadable'])
  assert.equal(writes(lab.api).length, 2)
})

test('a conflict reads the CSR once, judges it again, and adds no second condition', async (t) => {
  const lab = await openLab(t, () => {
    const conditions = [{ type: 'Denied', status: 'True', reason: 'ByHand' }]
    lab.csrs.put({ ...waitingCsr('csr-1'), status: { conditions } }, true)
    return 'approve'
  })
  lab.csrs.put(waitingCsr('csr-1'))
  await until(() => lab.api.heard.some(isGet), 'it is read again')
  await sleep(100)
  assert.deepEqual(conditionsOf(lab.csrs, 'csr-1'), ['Denied ByHand'])
  assert.deepEqual([lab.judged.length, writes(lab.api).length, lab.told.length], [1, 1, 0])
})

test('a conflict with a CSR that only gained a label is judged again and approved', async (t) => {
  const lab = await openLab(t, () => 'approve')
  lab.api.plan(conflict, isWrite)
  lab.csrs.put(waitingCsr('csr-1'))
  await until(() => lab.told.length === 1, 'it is approved')
  assert.deepEqual([lab.judged.length, writes(lab.api).length], [2, 2])
})

test('one conflict after the other is waited for, not raced', async (t) => {
  const lab = await openLab(t, () => 'approve')
  lab.api.plan(conflict, isWrite, 4)
  lab.csrs.put(waitingCsr('csr-1'))
  await until(() => conditionsOf(lab.csrs, 'csr-1').length === 1, 'it is approved')
  assert.equal(writes(lab.api).length, 5)
})

test('a CSR that is gone is dropped, and one that was decided otherwise is left', async (t) => {
  for (const [code, reason] of [
    [404, 'NotFound'],
    [422, 'Invalid'],
  ] as const) {
    const lab = await openLab(t, () => 'approve')
    lab.api.plan(answering({ code, reason, message: '' }), isWrite)
    lab.api.plan(answering({ code: 404, reason: 'NotFound', message: '' }), isGet)
    lab.csrs.put(waitingCsr('csr-1'))
    await until(() => writes(lab.api).length === 1, 'it is tried')
    await sleep(400)
    assert.equal(writes(lab.api).length, 1)
  }
})

test('a broken connection, a 5xx and a 429 are retried until the condition is written', async (t) => {
  const lab = await openLab(t, () => 'approve')
  lab.api.plan(resetting, isWrite)
  lab.api.plan(answering({ code: 500, reason: 'InternalError', message: 'etcd' }), isWrite)
  lab.api.plan(
    answering({ code: 429, reason: 'TooManyRequests', message: 'slow' }, { 'retry-after': '1' }),
    isWrite,
  )
  const begunAt = performance.now()
  lab.csrs.put(waitingCsr('csr-1'))
  await until(() => lab.told.length === 1, 'it is approved')
  assert.ok(performance.now() - begunAt >= 1_000)
  assert.deepEqual(
    lab.told.map(({ action }) => action),
    ['approved'],
  )
})

test('Retry-After holds back every write, not only the one that was told', async (t) => {
  const lab = await openLab(t, () => 'approve', { concurrency: 1 })
  lab.api.plan(
    answering({ code: 429, reason: 'TooManyRequests', message: 'slow' }, { 'retry-after': '1' }),
    isWrite,
  )
  lab.csrs.put(waitingCsr('csr-1'))
  lab.csrs.put(waitingCsr('csr-2', 'n2'))
  await until(() => writes(lab.api).length === 1, 'the first is tried')
  await sleep(600)
  assert.equal(writes(lab.api).length, 1)
  await until(() => writes(lab.api).length === 3, 'both are written')
})

test('a throw in the judgement ends nothing for the others', async (t) => {
  const lab = await openLab(t, ({ csr }) => {
    if (csr.name === 'poison') throw new Error('a bug')
    return 'approve'
  })
  lab.csrs.put(waitingCsr('poison', 'n0'))
  lab.csrs.put(waitingCsr('csr-1'))
  await until(() => conditionsOf(lab.csrs, 'csr-1').length === 1, 'the other is approved')
  assert.deepEqual(conditionsOf(lab.csrs, 'poison'), [])
  assert.ok(lab.said.includes('error: the reconciliation of a CSR threw'))
})

test('a large CSR is read again before it is judged', async (t) => {
  const lab = await openLab(t, () => 'deny')
  const large = waitingCsr('csr-1')
  lab.csrs.put({ ...large, spec: { ...Object(large['spec']), request: 'A'.repeat(30_000) } })
  await until(() => conditionsOf(lab.csrs, 'csr-1').length === 1, 'it is denied')
  assert.equal(lab.api.heard.filter(isGet).length, 1)
})

test('a signer that refuses what was approved is told of', async (t) => {
  const lab = await openLab(t, () => 'approve')
  lab.csrs.put(waitingCsr('csr-1'))
  await until(() => conditionsOf(lab.csrs, 'csr-1').length === 1, 'it is approved')
  const approved = { type: 'Approved', status: 'True' }
  const failed = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message: 'no' }
  lab.csrs.put({ ...waitingCsr('csr-1'), status: { conditions: [approved, failed] } })
  await until(() => lab.said.includes('warn: the signer refused a CSR that was approved'), 'it is told')
})

test('a controller that was stopped writes no more', async (t) => {
  const lab = await openLab(t, () => 'approve')
  await lab.controller.stop()
  lab.csrs.put(waitingCsr('csr-1'))
  await sleep(700)
  assert.deepEqual([lab.judged, writes(lab.api)], [[], []])
})
