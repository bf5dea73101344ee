import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressOf, SILENT } from './prober.fixture.ts'
import { Results } from './results.ts'

test('of 20,000 addresses the results are kept, and of more those that were dialled last', () => {
  const results = new Results()
  for (let index = 0; index < 20_000; index++) results.note(addressOf(index), SILENT, 0)
  results.note(addressOf(0), SILENT, 0)
  results.note(addressOf(20_000), SILENT, 0)
  const kept = [0, 1, 2, 20_000].map((index) => results.get(addressOf(index), 0)?.kind)
  assert.deepEqual(kept, ['nothing', undefined, 'nothing', 'nothing'])
})
