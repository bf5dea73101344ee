import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decideWithoutChecks } from '../policies/evaluate.ts'
import { defaultRules, goodFacts } from '../policies/good-request.fixture.ts'
import type { JudgeInput } from './ports.ts'
import { judgeWhenCurrent } from './judges.ts'

const unknown = decideWithoutChecks('TimedOut', defaultRules.hash)
const conforms = decideWithoutChecks('Conforms', defaultRules.hash)
const subject: JudgeInput = { purpose: 'guard', csr: goodFacts.csr, caller: null, request: '' }

/** A judge that knows nothing until its facts are read again. */
function begin(refresh: () => Promise<void>) {
  let [isCurrent, refreshes, now] = [false, 0, 0]
  const picture = {
    async refresh() {
      refreshes += 1
      await refresh()
      isCurrent = true
    },
  }
  const judgeNow = async () => ({ decision: isCurrent ? conforms : unknown, facts: goodFacts })
  const judge = judgeWhenCurrent(judgeNow, picture, { monotonic: () => now })
  return {
    verdict: async (signal?: AbortSignal) =>
      (await judge(signal === undefined ? subject : { ...subject, signal }, defaultRules)).decision.verdict,
    refreshes: () => refreshes,
    age: (ms: number) => {
      now += ms
      isCurrent = false
    },
  }
}

test('who asks once gets facts that are current: they are read again if they are not, and only then', async () => {
  const { verdict, refreshes } = begin(async () => undefined)
  assert.equal(await verdict(), 'approve')
  assert.equal(await verdict(), 'approve')
  assert.equal(refreshes(), 1)
})

test('however many ask, the facts are read again once in five seconds', async () => {
  const { verdict, refreshes, age } = begin(async () => undefined)
  await verdict()
  age(4_999)
  assert.deepEqual([await verdict(), await verdict()], ['unknown', 'unknown'])
  assert.equal(refreshes(), 1)
  age(1)
  assert.equal(await verdict(), 'approve')
  assert.equal(refreshes(), 2)
})

test('who has no more time gets an unknown', async () => {
  const { verdict } = begin(() => Promise.withResolvers<void>().promise)
  assert.equal(await verdict(AbortSignal.abort()), 'unknown')
})
