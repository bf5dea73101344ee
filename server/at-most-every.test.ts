import assert from 'node:assert/strict'
import { test } from 'node:test'
import { atMostEvery } from './at-most-every.ts'

test('whoever asks during a run or soon after it began gets its outcome, and a later one gets a new run', async () => {
  let now = 0
  const runs: PromiseWithResolvers<string>[] = []
  const ask = atMostEvery(
    1_000,
    () => {
      const run = Promise.withResolvers<string>()
      runs.push(run)
      return run.promise
    },
    () => now,
  )
  const first = [ask(), ask()]
  now = 5_000
  first.push(ask())
  assert.equal(runs.length, 1, 'a run that takes longer is still the only one')
  runs[0]?.resolve('first')
  assert.deepEqual(await Promise.all(first), ['first', 'first', 'first'])
  const second = ask()
  now = 5_999
  runs[1]?.reject(new Error('no'))
  await assert.rejects(second, /no/u)
  await assert.rejects(ask(), /no/u)
  now = 6_000
  void ask()
  assert.equal(runs.length, 3)
})
