import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../test/kit/until.ts'
import { openFixture, waitingCsr } from './controller.fixture.ts'

const CSRS = 1_500
const JUDGEMENT_MS = 0.3

function judgeFor(ms: number): void {
  for (const begun = performance.now(); performance.now() - begun < ms; );
}

test('thousands of judgements in a row let other work have its turn', async (t) => {
  const fixture = await openFixture(t, () => {
    judgeFor(JUDGEMENT_MS)
    return 'notYet'
  })
  for (let number = 0; number < CSRS; number += 1) fixture.csrs.put(waitingCsr(`csr-${number}`, `n${number}`))
  await until(() => fixture.judged.length >= CSRS, 'all are judged')
  let longest = 0
  let last = performance.now()
  const ticking = setInterval(() => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  }, 1)
  t.after(() => clearInterval(ticking))
  const before = fixture.judged.length
  fixture.controller.rejudge()
  await until(() => fixture.judged.length >= before + CSRS, 'all are judged again')
  // Without turns it is all of them at once: 450 ms.
  assert.ok(longest < (CSRS * JUDGEMENT_MS) / 3, `nothing else ran for ${longest.toFixed(0)} ms`)
  t.diagnostic(`nothing else ran for ${longest.toFixed(0)} ms at most`)
})
