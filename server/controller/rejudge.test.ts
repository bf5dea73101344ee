import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonObject } from '../ports.ts'
import { until } from '../../test/kit/until.ts'
import { conditionsOf, openLab, waitingCsr, writes } from './controller.fixture.ts'

const node = (name: string, address = '10.0.0.1'): JsonObject & { metadata: { name: string } } => ({
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address }] },
})

test('what does not conform yet is left, told once, and judged again when its Node changes', async (t) => {
  const lab = await openLab(t, () => 'notYet')
  lab.csrs.put(waitingCsr('csr-1'))
  await until(() => lab.judged.length === 1, 'it is judged')
  lab.nodes.put(node('n1'))
  await until(() => lab.judged.length === 2, 'it is judged again')
  lab.script = () => 'approve'
  lab.nodes.put(node('n1', '10.0.0.2'))
  await until(() => lab.told.length === 2, 'it is approved')
  assert.deepEqual(
    lab.told.map(({ action, decision }) => `${decision.verdict} ${action}`),
    ['notYet left', 'approve approved'],
  )
})

test('a Node that changes in nothing that is judged wakes nobody', async (t) => {
  const lab = await openLab(t, () => 'notYet')
  lab.nodes.put(node('n1'))
  await sleep(100)
  lab.csrs.put(waitingCsr('csr-1'))
  await until(() => lab.judged.length >= 1, 'it is judged')
  const before = lab.judged.length
  lab.nodes.put(node('n1'))
  lab.nodes.put(node('n9', '10.0.0.9'))
  await sleep(200)
  assert.equal(lab.judged.length, before)
})

test('a new policy has everything that waits judged again, what was settled too', async (t) => {
  const lab = await openLab(t, () => 'deny')
  lab.settings = { ...lab.settings, denyStored: false }
  lab.csrs.put(waitingCsr('csr-1'))
  await until(() => lab.told.length === 1, 'it is judged and left')
  await sleep(300)
  assert.deepEqual([lab.judged.length, writes(lab.api).length], [1, 0])
  lab.settings = { ...lab.settings, denyStored: true }
  lab.controller.rejudge()
  lab.controller.rejudge()
  await until(() => conditionsOf(lab.csrs, 'csr-1').length === 1, 'it is denied')
  assert.equal(lab.judged.length, 2)
})

test('what was approved is not judged again while the watch has yet to tell of it', async (t) => {
  const lab = await openLab(t, () => 'approve')
  const waiting = waitingCsr('csr-1')
  lab.api.plan(
    (_request, response) => {
      const conditions = [{ type: 'Approved', status: 'True', reason: 'Conforms' }]
      const stored = lab.csrs.put({ ...waiting, status: { conditions } }, true)
      response.end(JSON.stringify(stored))
    },
    ({ method }) => method === 'PATCH',
  )
  lab.csrs.put(waiting)
  await until(() => lab.told.length === 1, 'it is approved')
  lab.controller.rejudge()
  lab.nodes.put(node('n1'))
  await sleep(1_300)
  assert.deepEqual([lab.judged, writes(lab.api).length], [['csr-1'], 1])
})

test('what changed while another led, and what a new policy came for, is judged once we lead again', async (t) => {
  for (const happens of ['change', 'policy'] as const) {
    const lab = await openLab(t, () => 'deny')
    lab.settings = { ...lab.settings, denyStored: false }
    const waiting = waitingCsr('csr-1')
    lab.csrs.put(waiting)
    await until(() => lab.told.length === 1, 'it is judged and left')
    await sleep(100)
    lab.leads = false
    await sleep(600)
    if (happens === 'change')
      lab.csrs.put({ ...waiting, metadata: { ...waiting.metadata, labels: { new: 'yes' } } })
    else lab.controller.rejudge()
    await sleep(1_100)
    lab.leads = true
    await until(() => lab.judged.length === 2, `it is judged again after a ${happens}`)
  }
})

test('patience ends to the moment: what still does not conform is denied with its reason', async (t) => {
  const lab = await openLab(t, () => 'notYet')
  lab.settings = { ...lab.settings, patienceSeconds: 2 }
  lab.csrs.put(waitingCsr('csr-1'))
  await until(() => lab.told.length === 1, 'it is left')
  assert.equal(lab.told[0]?.action, 'left')
  await until(() => lab.told.length === 2, 'it is denied', 4_500)
  assert.deepEqual(conditionsOf(lab.csrs, 'csr-1'), ['Denied NodeUnknown'])
  assert.deepEqual(
    lab.told.map(({ action }) => action),
    ['left', 'denied'],
  )
})

test('a fleet that does not conform is denied fifty at once, and the rest stays Pending', async (t) => {
  const lab = await openLab(t, () => 'notYet')
  for (let count = 0; count < 120; count += 1) lab.csrs.put(waitingCsr(`csr-${count}`, `n${count}`, 120_000))
  const begunAt = performance.now()
  await until(
    () => lab.judged.length >= 120 && writes(lab.api).length >= 50,
    'all are judged and fifty denied',
  )
  await sleep(300)
  const mayBe = 50 + Math.ceil((performance.now() - begunAt) / 1_000)
  assert.ok(writes(lab.api).length <= mayBe, `${writes(lab.api).length} denied, of ${mayBe}`)
})

test('what cannot be told is tried again and again, told once, never decided', async (t) => {
  const lab = await openLab(t, () => 'unknown')
  lab.csrs.put(waitingCsr('csr-1', 'n1', 120_000))
  await until(() => lab.judged.length >= 3, 'it is judged three times')
  assert.deepEqual([lab.told.length, writes(lab.api).length], [1, 0])
  lab.script = () => 'approve'
  await until(() => conditionsOf(lab.csrs, 'csr-1').length === 1, 'it is approved')
})

test('audit writes nothing, and approveOnly denies nothing', async (t) => {
  const lab = await openLab(t, ({ csr }) => (csr.name === 'good' ? 'approve' : 'deny'))
  lab.settings = { ...lab.settings, mode: 'audit' }
  lab.csrs.put(waitingCsr('good', 'n1'))
  lab.csrs.put(waitingCsr('bad', 'n2'))
  await until(() => lab.told.length === 2, 'both are judged')
  assert.deepEqual(writes(lab.api), [])
  lab.settings = { ...lab.settings, mode: 'approveOnly' }
  lab.controller.rejudge()
  await until(() => conditionsOf(lab.csrs, 'good').length === 1, 'the good one is approved')
  assert.deepEqual(conditionsOf(lab.csrs, 'bad'), [])
})

test('what is none of our business is neither written nor told of', async (t) => {
  const lab = await openLab(t, () => 'ignore')
  lab.csrs.put(waitingCsr('csr-1'))
  await until(() => lab.judged.length === 1, 'it is looked at')
  await sleep(200)
  assert.deepEqual([lab.judged.length, writes(lab.api).length, lab.told.length], [1, 0, 0])
})

test('CSRs that a flood displaced from the queue are taken up again at the next sweep', async (t) => {
  const lab = await openLab(t, () => 'approve')
  lab.leads = false
  for (let count = 0; count < 100; count += 1) lab.csrs.put(waitingCsr(`csr-${count}`, 'flooder'))
  await sleep(600)
  lab.leads = true
  const decided = (): number =>
    [...lab.csrs.objects.keys()].filter((name) => conditionsOf(lab.csrs, name).length).length
  await until(() => decided() === 64, 'as many as the queue holds of one node are approved')
  await sleep(100)
  assert.equal(decided(), 64)
  lab.leads = false
  await sleep(600)
  lab.leads = true
  await until(() => decided() === 100, 'all are approved')
})
