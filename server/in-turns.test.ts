import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forEachInTurns, inTurns } from './in-turns.ts'

/** 120 ms of work, and a turn is 10 ms. */
const STEPS = 60
const STEP_MS = 2
const TURNS_MIN = 8

const steps = Array.from({ length: STEPS }, (_, at) => at)

async function* atOnce(): AsyncGenerator<Buffer> {
  for (const at of steps) yield Buffer.from([at])
}

function work(): void {
  for (const begun = performance.now(); performance.now() - begun < STEP_MS; );
}

/** How often a timer has its turn meanwhile. */
async function turnsOf(run: () => Promise<void>): Promise<number> {
  let turns = 0
  const ticking = setInterval(() => (turns += 1), 1)
  await run()
  clearInterval(ticking)
  return turns
}

test('a stream that is always ahead of its reader lets other work have its turn', async () => {
  const read: number[] = []
  const turns = await turnsOf(async () => {
    for await (const [octet = -1] of inTurns(atOnce())) {
      read.push(octet)
      work()
    }
  })
  assert.deepEqual(read, steps)
  assert.ok(turns >= TURNS_MIN, `${turns} turns`)
})

test('work on many items lets other work have its turn', async () => {
  const done: number[] = []
  const turns = await turnsOf(async () => {
    await forEachInTurns(steps, (at) => {
      done.push(at)
      work()
    })
  })
  assert.deepEqual(done, steps)
  assert.ok(turns >= TURNS_MIN, `${turns} turns`)
})
