import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Readable } from 'node:stream'
import { forEachChunk, forEachInTurns } from './in-turns.ts'

/** 120 ms of work, and a turn is 10 ms. */
const STEPS = 60
const STEP_MS = 2
const TURNS_MIN = 8

const steps = Array.from({ length: STEPS }, (_, at) => at)

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
    await forEachChunk(Readable.from(steps.map((at) => Buffer.from([at]))), ([octet = -1]) => {
      read.push(octet)
      work()
      return true
    })
  })
  assert.deepEqual(read, steps)
  assert.ok(turns >= TURNS_MIN, `${turns} turns`)
})

test('a stream is read no further once enough is known, or when its use fails', async () => {
  const read: string[] = []
  const stream = Readable.from([Buffer.from('a'), Buffer.from('b'), Buffer.from('c')])
  await forEachChunk(stream, (chunk) => read.push(chunk.toString()) < 2)
  assert.deepEqual([read, stream.destroyed], [['a', 'b'], true])
  const failing = Readable.from([Buffer.from('a')])
  const use = (): boolean => {
    throw new Error('no use')
  }
  await assert.rejects(forEachChunk(failing, use), /no use/)
  assert.equal(failing.destroyed, true)
})

test('a stream that breaks is a failure with its error', async () => {
  const error = new Error('broken')
  const stream = new Readable({ read: () => void stream.destroy(error) })
  await assert.rejects(
    forEachChunk(stream, () => true),
    error,
  )
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
