import assert from 'node:assert/strict'
import test from 'node:test'
import { DenialLimiter } from './denial-limiter.ts'

function begin() {
  const own = { now: 0 }
  const limiter = new DenialLimiter(
    () => own.now,
    (user) => !user.startsWith('new-'),
  )
  let users = 0
  const take = (times: number, awaited = true, kind = 'old'): number =>
    Array.from({ length: times }, () => limiter.take(`${kind}-${(users += 1)}`, awaited)).filter(Boolean)
      .length
  return { own, limiter, take }
}

test('fifty CSRs may be denied at once, then one per second', () => {
  const { own, take } = begin()
  assert.equal(take(200), 50)
  own.now += 10_000
  assert.equal(take(200), 10)
  own.now += 3_600_000
  assert.equal(take(200), 50)
})

test('CSRs that no kubelet waits for use at most half of the burst', () => {
  const { take } = begin()
  assert.equal(take(200, false), 25)
  assert.equal(take(200, true), 25)
})

test('newcomers use at most half of the burst, and keep the rest from nobody however long they go on', () => {
  const { own, take } = begin()
  assert.equal(take(200, true, 'new'), 25)
  own.now += 10_000
  assert.equal(take(200, true, 'new'), 10)
  assert.equal(take(200), 25)
})

test('a node is denied at most once in half a minute, and does not use up the denials of others', () => {
  const { own, limiter, take } = begin()
  const flood = (): number =>
    Array.from({ length: 100 }, () => limiter.take('flooder', true)).filter(Boolean).length
  assert.equal(flood(), 1)
  own.now += 29_999
  assert.equal(flood(), 0)
  assert.equal(take(200), 50)
  own.now += 1_001
  assert.equal(flood(), 1)
})
