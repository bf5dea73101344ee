import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setImmediate as otherWork } from 'node:timers/promises'
import type { Address } from '../../policies/types.ts'
import { DialQueue } from './dial-queue.ts'
import { addressOf, proberOf, SILENT, WAITING } from './prober.fixture.ts'

const range = (from: number, count: number): Address[] =>
  Array.from({ length: count }, (_, index) => addressOf(from + index))

/** Lets milliseconds go by on a clock and its timers. */
function timeOf(t: TestContext, clock: { now: number }): (ms: number) => Promise<void> {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  return async (ms) => {
    for (let passed = 0; passed < ms; passed += 1) {
      clock.now += 1
      t.mock.timers.tick(1)
      await otherWork()
    }
  }
}

/** A queue whose dials end when the test says so, on a clock that it moves. */
function queueOf(t: TestContext) {
  const dialled: Address[] = []
  const ends: (() => void)[] = []
  const clock = { now: 0 }
  const queue = new DialQueue({
    now: () => clock.now,
    isDue: (address) => !dialled.includes(address),
    async dial(address) {
      dialled.push(address)
      const { promise, resolve } = Promise.withResolvers<void>()
      ends.push(resolve)
      await promise
    },
  })
  return { queue, dialled, ends, pass: timeOf(t, clock) }
}

test('callers take turns, one address at a turn', async (t) => {
  const { queue, dialled, pass } = queueOf(t)
  queue.add(range(0, 51))
  queue.add(range(100, 3))
  queue.add(range(200, 2))
  await pass(20)
  assert.deepEqual(dialled.slice(51), [100, 200, 101, 201].map(addressOf))
})

test('after a pause fifty dials start at once, and then one every five milliseconds', async (t) => {
  const { queue, dialled, pass } = queueOf(t)
  queue.add(range(0, 100))
  assert.equal(dialled.length, 51)
  await pass(14)
  assert.equal(dialled.length, 53)
  await pass(1)
  assert.equal(dialled.length, 54)
})

test('no more than 200 addresses are dialled at once', async (t) => {
  const { queue, dialled, ends, pass } = queueOf(t)
  queue.add(range(0, 300))
  await pass(2_000)
  assert.equal(dialled.length, 200)
  ends[0]?.()
  await pass(5)
  assert.equal(dialled.length, 201)
})

test('an address that two callers wait for is dialled once, and both learn of its end', async (t) => {
  const { queue, dialled, ends } = queueOf(t)
  const calls = [queue.add(range(0, 2)), queue.add(range(1, 2))]
  assert.deepEqual(dialled, range(0, 3))
  for (const end of ends) end()
  await Promise.all(calls.map(({ done }) => done))
  assert.equal(queue.running, 0)
})

test('past a thousand waiting addresses, the caller with the most loses its last', async (t) => {
  const { queue, dialled, ends, pass } = queueOf(t)
  queue.add(range(0, 51))
  const calls = [queue.add(range(1_000, 1_020)), queue.add(range(5_000, 8))]
  // Fifty a quarter of a second.
  for (let quarter = 0; quarter < 25; quarter += 1) {
    for (const end of ends.splice(0)) end()
    await pass(250)
  }
  await Promise.all(calls.map(({ done }) => done))
  assert.deepEqual(dialled.toSorted(), [...range(0, 51), ...range(1_000, 1_016), ...range(5_000, 8)])
})

test('a caller that leaves has no more addresses dialled, and a queue that stopped dials nothing', async (t) => {
  const { queue, dialled, ends, pass } = queueOf(t)
  const call = queue.add(range(0, 60))
  call.leave()
  await pass(1_000)
  assert.deepEqual(dialled, range(0, 51))
  for (const end of ends) end()
  await call.done
  await queue.stop()
  await queue.add(range(100, 3)).done
  assert.equal(dialled.length, 51)
})

test('a thousand silent addresses of 63 callers delay an address that answers by a third of a second', async (t) => {
  const living = addressOf(5_000)
  const { prober, clock } = proberOf(async (address) => {
    if (address === living) return WAITING
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    return SILENT
  })
  const pass = timeOf(t, clock)
  for (let call = 0; call < 63; call += 1) void prober.probe(range(call * 16, 16))
  void prober.probe([living])
  // 51 of the first callers at once, and then a turn of each that waits, at 200 a second.
  await pass(310)
  assert.deepEqual(prober.result(living), { ...WAITING, forMs: 0 })
})
