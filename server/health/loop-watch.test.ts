import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { watchLoop } from './loop-watch.ts'

/** A watch over a loop that the test stops. A second passes per tick of the timer. */
function open(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'], now: Date.parse('2026-01-01T00:00:00Z') })
  let now = 0
  const logged: object[] = []
  const quiet = () => undefined
  const log = { debug: quiet, info: quiet, warn: quiet, error: (fields: object) => void logged.push(fields) }
  const watch = watchLoop(log, () => now)
  const pass = (seconds: number): void => {
    for (let second = 0; second < seconds; second += 1) {
      now += 1_000
      t.mock.timers.tick(1_000)
    }
  }
  /** The clock goes on, no timer fires. */
  const stand = (seconds: number): void => {
    now += seconds * 1_000
    t.mock.timers.setTime(Date.now() + seconds * 1_000 - 1)
  }
  return { watch, logged, pass, stand }
}

test('a loop that stood for 30 s fails liveness with its duration and begin, for one probe', (t) => {
  const { watch, logged, pass, stand } = open(t)
  pass(5)
  assert.equal(watch.problem(), null)
  stand(31)
  assert.match(watch.problem() ?? '', /^the event loop stood still for 30 s from 2026-01-01T00:00:0\d/u)
  assert.equal(logged.length, 1)
  assert.match(JSON.stringify(logged[0]), /"ms":30000/u)
  pass(9)
  assert.notEqual(watch.problem(), null)
  pass(1)
  assert.equal(watch.problem(), null)
})

test('a shorter stall is logged and measured, and fails nothing', (t) => {
  const { watch, logged, pass, stand } = open(t)
  stand(21)
  pass(1)
  assert.equal(watch.problem(), null)
  assert.equal(logged.length, 1)
  stand(8)
  pass(1)
  assert.equal(watch.longestMs(), 21_000)
})

test('a loop that goes on has no stall', (t) => {
  const { watch, logged, pass } = open(t)
  pass(600)
  assert.equal(watch.longestMs(), 0)
  assert.deepEqual(logged, [])
})
