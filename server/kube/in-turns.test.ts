import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inTurns } from './in-turns.ts'

const CHUNKS = 60
const CHUNK_MS = 2

async function* atOnce(): AsyncGenerator<Buffer> {
  for (let at = 0; at < CHUNKS; at += 1) yield Buffer.from([at])
}

test('a stream that is always ahead of its reader lets other work have its turn', async () => {
  let turns = 0
  const ticking = setInterval(() => (turns += 1), 1)
  const read: number[] = []
  for await (const [octet = -1] of inTurns(atOnce())) {
    read.push(octet)
    for (const begun = performance.now(); performance.now() - begun < CHUNK_MS; );
  }
  clearInterval(ticking)
  assert.deepEqual(read, [...Array(CHUNKS).keys()])
  // 120 ms of reading, and a turn is 10 ms.
  assert.ok(turns >= 8, `${turns} turns`)
})
