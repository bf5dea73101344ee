import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { freeAt } from './share.ts'

const MINUTE = 60_000
const NOW = 1_767_225_600_000

/** Approves as soon as it may, `times` times; returns when. */
function greedy(times: number): number[] {
  const approvals: number[] = []
  for (let now = NOW; approvals.length < times; now += 1_000)
    while (approvals.length < times && freeAt(approvals, now) <= now) approvals.push(now)
  return approvals.map((at) => (at - NOW) / MINUTE)
}

test('five at once, then one a minute', () => {
  equal(greedy(8).join(), '0,0,0,0,0,1,2,3')
})

test('a node that waits five minutes has five again, and never more', () => {
  const before = Array.from({ length: 5 }, () => NOW - 5 * MINUTE)
  ok(freeAt(before, NOW) <= NOW)
  const four = Array.from({ length: 4 }, () => NOW)
  ok(freeAt([...before, ...four], NOW) <= NOW)
  equal(freeAt([...before, ...four, NOW], NOW), NOW + MINUTE)
  equal(freeAt([NOW - 500 * MINUTE, ...four, NOW], NOW), NOW + MINUTE)
})

test('however many were approved at once, the next waits a minute and no longer', () => {
  const byHand = Array.from({ length: 100 }, () => NOW)
  equal(freeAt(byHand, NOW), NOW + MINUTE)
})

test('an approval of a clock that is ahead counts as now', () => {
  const ahead = Array.from({ length: 5 }, () => NOW + 600 * MINUTE)
  equal(freeAt(ahead, NOW), NOW + MINUTE)
})

test('whatever was approved before, in whatever order it is told, at most a minute passes until the next', () => {
  const times = fc.array(fc.integer({ min: NOW - 60 * MINUTE, max: NOW + MINUTE }), { maxLength: 64 })
  fc.assert(
    fc.property(times, (approvals) => {
      ok(freeAt(approvals, NOW) <= NOW + MINUTE)
      equal(freeAt(approvals, NOW), freeAt(approvals.toReversed(), NOW))
    }),
  )
})
