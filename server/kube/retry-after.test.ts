import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { RetryAfter } from './retry-after.ts'

test('a 429 is waited out as long as it asks, a 503 for 10 s at most', () => {
  const waits = [429, 503, 500].map((status) => {
    let at = 0
    const retryAfter = new RetryAfter({ monotonic: () => at })
    retryAfter.note({ ok: false, status, reason: '', message: '', retryAfterMs: 60_000 })
    return [0, 9_999, 10_000, 59_999, 60_000].map((now) => ((at = now), retryAfter.isPaused()))
  })
  deepEqual(waits, [
    [true, true, true, true, false],
    [true, true, false, false, false],
    [false, false, false, false, false],
  ])
})
