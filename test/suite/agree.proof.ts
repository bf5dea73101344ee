import assert from 'node:assert/strict'
import { test } from 'node:test'
import { embedded, type Ground, kubernetes } from './grounds.ts'
import type { Row } from './rows.ts'
import { runSuite } from './run.ts'

/** Rows without their times, in an order that does not depend on who was decided first. */
async function linesOn(ground: Ground): Promise<readonly string[]> {
  const rows = await runSuite(ground, { say: () => undefined, row: () => undefined })
  return rows.map(lineOf).sort()
}

function lineOf({ phase, asked, by, verdict, reason, component, problem }: Row): string {
  return [phase, asked, by, verdict, reason, component, problem ?? 'as it must be'].join(' | ')
}

test('the demo has the same lines on the embedded API server as on a real control plane', async () => {
  const [onReal, onEmbedded] = [await linesOn(kubernetes), await linesOn(embedded)]
  assert.deepEqual(onEmbedded, onReal)
  assert.deepEqual(
    onReal.filter((line) => !line.endsWith('as it must be')),
    [],
  )
})
