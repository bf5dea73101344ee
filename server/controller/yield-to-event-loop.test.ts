import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clearInterval, setInterval } from 'node:timers'
import { cpuTimeMs } from '../../test/kit/cpu-time.ts'
import { until } from '../../test/kit/until.ts'
import { openFixture, waitingCsr } from './controller.fixture.ts'

const CSRS = 1_500
const JUDGEMENT_MS = 0.3
/** Of 450 ms in all. A turn is 10 ms, the rest is the machine's. */
const LONGEST_MS = 50

/** For loaded machines. */
const JUDGED_WITHIN_MS = 60_000

function judgeFor(ms: number): void {
  for (const begun = cpuTimeMs(); cpuTimeMs() - begun < ms; );
}

test('thousands of judgements in a row let other work have its turn', async (t) => {
  const fixture = await openFixture(t, () => {
    judgeFor(JUDGEMENT_MS)
    return 'notYet'
  })
  for (let number = 0; number < CSRS; number += 1) fixture.csrs.put(waitingCsr(`csr-${number}`, `n${number}`))
  await until(() => fixture.judged.length >= CSRS, 'all are judged', JUDGED_WITHIN_MS)
  let longest = 0
  let last = cpuTimeMs()
  const ticking = setInterval(() => {
    longest = Math.max(longest, cpuTimeMs() - last)
    last = cpuTimeMs()
  }, 1)
  t.after(() => clearInterval(ticking))
  const before = fixture.judged.length
  fixture.controller.rejudge()
  await fixture.pass(1_000)
  await until(() => fixture.judged.length >= before + CSRS, 'all are judged again', JUDGED_WITHIN_MS)
  t.diagnostic(`nothing else ran for ${longest.toFixed(0)} ms at most`)
  assert.ok(longest < LONGEST_MS, `nothing else ran for ${longest.toFixed(0)} ms`)
})
