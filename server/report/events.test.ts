import assert from 'node:assert/strict'
import { test } from 'node:test'
import { approved, created, csr, denied, failed, start } from './report.fixture.ts'

test('Events wait while decisions are made', async () => {
  let busy = true
  const { calls, events, report } = start([], () => busy)
  report(approved)
  await events.drain(150)
  assert.deepEqual(calls, [])
  busy = false
  await events.drain(1_000)
  assert.equal(calls.length, 1)
})

test('Events that cannot be written are counted and not retried for ever', async () => {
  const { calls, dropped, events, report } = start([failed(403), failed(0), failed(409)])
  for (const uid of ['a', 'b', 'c']) report({ ...denied, csr: { ...csr, uid } })
  await events.drain(1_000)
  assert.deepEqual([calls.length, dropped], [3, [1, 1]])
})

test('an Event is written again after the Retry-After of the API server', async () => {
  const { calls, dropped, events, report } = start([failed(429, 30), created])
  report(denied)
  await events.drain(1_000)
  assert.deepEqual([calls.length, dropped], [2, []])
})

test('of a burst of approvals few have an Event, and every denial has', async () => {
  const { calls, dropped, events, report } = start()
  for (let index = 0; index < 200; index += 1) {
    report({ ...approved, csr: { ...csr, uid: `a${index}` } })
    report({ ...denied, csr: { ...csr, uid: `d${index}` } })
  }
  await events.drain(5_000)
  const written = (type: string) => calls.filter(({ body }) => body?.['type'] === type).length
  assert.deepEqual([written('Warning'), written('Normal') + dropped.length], [200, 200])
  assert.ok(written('Normal') > 0 && written('Normal') <= 34, `${written('Normal')} of approvals`)
})

test('Events past the limit of the queue are dropped and counted', async () => {
  const { dropped, events, report } = start()
  for (let index = 0; index < 2_500; index += 1) report({ ...denied, csr: { ...csr, uid: `u${index}` } })
  await events.drain(5_000)
  assert.ok(dropped.length >= 490 && dropped.length <= 500, `${dropped.length} dropped`)
})
