import assert from 'node:assert/strict'
import test from 'node:test'
import { ServerClock } from './server-clock.ts'

const at = Date.parse('2026-11-24T08:00:00Z')

function begin() {
  const own = { monotonic: 5_000, wall: 1_000_000 }
  const clock = new ServerClock(
    () => own.monotonic,
    () => own.wall,
  )
  /** An answer that took 10 ms each way, sent when the server's clock was `serverTime`. */
  const answer = (serverTime: number): void => {
    const date = new Date(Math.floor(serverTime / 1_000) * 1_000).toUTCString()
    clock.observe(date, own.monotonic - 10, own.monotonic + 10)
  }
  return { own, clock, answer }
}

test('before the first answer, the local wall clock is used', () => {
  assert.equal(begin().clock.serverNow(), 1_000_000)
})

test('one answer gives the server’s time within half a second', () => {
  const { clock, answer } = begin()
  answer(at + 900)
  assert.ok(Math.abs(clock.serverNow() - (at + 900)) <= 520)
})

test('many answers give it within a few milliseconds', () => {
  const { own, clock, answer } = begin()
  for (let step = 0; step < 200; step += 1) {
    own.monotonic += 137
    answer(at + 900 + own.monotonic)
  }
  assert.ok(Math.abs(clock.serverNow() - (at + 900 + own.monotonic)) <= 20)
})

test('a jump of the local wall clock has no effect', () => {
  const { own, clock, answer } = begin()
  answer(at)
  const before = clock.serverNow()
  own.wall += 3_600_000
  assert.equal(clock.serverNow(), before)
})

test('a jump of the server’s clock is followed', () => {
  const { clock, answer } = begin()
  answer(at)
  answer(at + 3_600_000)
  assert.ok(Math.abs(clock.serverNow() - (at + 3_600_000)) <= 520)
})

test('an unreadable Date header is ignored', () => {
  const { clock } = begin()
  clock.observe('yesterday', 0, 1)
  clock.observe(undefined, 0, 1)
  assert.equal(clock.serverNow(), 1_000_000)
})
