import assert from 'node:assert/strict'
import { test } from 'node:test'
import { record } from './dashboard/acts.ts'
import { faultsOf } from './dashboard/readings.ts'
import { run } from './dashboard/run.ts'
import { prometheusMissing } from './prometheus.ts'

/** Two scrapes see each state of things. */
const PLOT = { acts: record, scrapeSeconds: 1, holdMs: 2_500, lullMs: 0 }

test('every query of the dashboard has data in a real run', { skip: prometheusMissing }, async () => {
  assert.deepEqual(faultsOf(await run(PLOT)), [])
})
