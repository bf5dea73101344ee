import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../test/kit/until.ts'
import type { Address } from '../../policies/types.ts'
import { DialQueue } from './dial-queue.ts'
import { addressOf, proberOf, SILENT, WAITING } from './prober.fixture.ts'

const range = (from: number, count: number): Address[] =>
  Array.from({ length: count }, (_, index) => addressOf(from + index))

/** A queue whose dials end when the test says so, on a clock that it moves. */
function queueOf() {
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
  return { queue, dialled, clock, ends }
}

test('callers take turns, one address at a turn', async () => {
  const { queue, dialled, clock } = queueOf()
  queue.add(range(0, 51))
  queue.add(range(100, 3))
  queue.add(range(200, 2))
  clock.now = 20
  await until(() => dialled.length === 55)
  assert.deepEqual(dialled.slice(51), [100, 200, 101, 201].map(addressOf))
  void queue.stop()
})

test('after a pause fifty dials start at once, and then one every five milliseconds', async () => {
  const { queue, dialled, clock } = queueOf()
  queue.add(range(0, 100))
  assert.equal(dialled.length, 51)
  clock.now = 10
  await until(() => dialled.length === 53)
  await sleep(30)
  assert.equal(dialled.length, 53)
  void queue.stop()
})

test('no more than 200 addresses are dialled at once', async () => {
  const { queue, dialled, clock, ends } = queueOf()
  queue.add(range(0, 300))
  await until(() => {
    clock.now += 250
    return dialled.length === 200
  })
  clock.now += 250
  await sleep(30)
  assert.equal(dialled.length, 200)
  ends[0]?.()
  await until(() => dialled.length === 201)
  void queue.stop()
})

test('an address that two callers wait for is dialled once, and both learn of its end', async () => {
  const { queue, dialled, ends } = queueOf()
  const calls = [queue.add(range(0, 2)), queue.add(range(1, 2))]
  assert.deepEqual(dialled, range(0, 3))
  for (const end of ends) end()
  await Promise.all(calls.map(({ done }) => done))
  assert.equal(queue.running, 0)
})

test('past a thousand waiting addresses, the caller with the most loses its last', async () => {
  const { queue, dialled, clock, ends } = queueOf()
  const end = (): void => {
    for (const each of ends.splice(0)) each()
  }
  queue.add(range(0, 51))
  const calls = [queue.add(range(1_000, 1_020)), queue.add(range(5_000, 8))]
  await until(() => {
    clock.now += 250
    end()
    return dialled.length === 51 + 1_024
  })
  end()
  await Promise.all(calls.map(({ done }) => done))
  assert.deepEqual(dialled.toSorted(), [...range(0, 51), ...range(1_000, 1_016), ...range(5_000, 8)])
})

test('a caller that leaves has no more addresses dialled, and a queue that stopped dials nothing', async () => {
  const { queue, dialled, ends, clock } = queueOf()
  const call = queue.add(range(0, 60))
  call.leave()
  clock.now = 10_000
  await sleep(20)
  assert.deepEqual(dialled, range(0, 51))
  for (const end of ends) end()
  await call.done
  await queue.stop()
  await queue.add(range(100, 3)).done
  assert.equal(dialled.length, 51)
})

test('a thousand silent addresses of 63 callers delay an address that answers by half a second', async () => {
  const living = addressOf(5_000)
  const { prober, clock } = proberOf(async (address) => {
    if (address === living) return WAITING
    await sleep(1_000)
    return SILENT
  })
  clock.real = true
  const silent = Array.from({ length: 63 }, (_, call) => prober.probe(range(call * 16, 16)))
  const begun = performance.now()
  await prober.probe([living])
  const took = performance.now() - begun
  assert.deepEqual(prober.result(living), WAITING)
  // 50 at once and 13 turns at 200 a second; the rest is for a loaded machine.
  assert.ok(took < 500, `${took} ms`)
  await Promise.all(silent)
  await prober.stop()
})
