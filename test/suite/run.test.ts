import assert from 'node:assert/strict'
import { test } from 'node:test'
import { summarize } from '../demo/summary.ts'
import { embedded } from './grounds.ts'
import { runSuite } from './run.ts'

test('every honest node gets its certificate, and no hostile request does, with the webhook and without', async () => {
  const rows = await runSuite(embedded, { say: () => undefined, row: () => undefined })
  assert.deepEqual(
    rows.filter(({ problem }) => problem !== null),
    [],
  )
  const { asItMustBe, lines } = summarize(rows)
  assert.ok(asItMustBe, lines.join('\n'))
})
