import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Age } from './age.ts'

test('what is known is as old as the clock says that ran on: a suspended machine stops the monotonic one', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 5_000_000 })
  let monotonic = 5_000
  const age = new Age({ monotonic: () => monotonic })
  assert.equal(age.ms, Infinity)
  age.prove(age.now())
  monotonic += 300
  assert.equal(age.ms, 300)
  t.mock.timers.setTime(5_060_000)
  assert.equal(age.ms, 60_000)
  t.mock.timers.setTime(1_000_000)
  assert.equal(age.ms, 300)
})
