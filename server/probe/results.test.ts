import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultLimits } from '../../policies/limits.ts'
import type { Sight } from '../../policies/types.ts'
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

test('for how long the same was seen begins anew with another certificate, and after a gap', () => {
  const results = new Results()
  const forMs = (key: string | null, now: number) => {
    const sight: Sight = key === null ? SILENT : { kind: 'certificate', spkiSha256: key, node: 'n1' }
    results.note(addressOf(1), sight, now)
    return results.get(addressOf(1), now)?.forMs
  }
  const { gapMs } = defaultLimits.probe
  assert.deepEqual(
    [
      forMs('a', 0),
      forMs('a', gapMs),
      forMs('b', gapMs),
      forMs('b', 2 * gapMs + 1),
      forMs(null, 2 * gapMs + 1),
    ],
    [0, gapMs, 0, 0, 0],
  )
})
