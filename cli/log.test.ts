import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { createLog } from './log.ts'

const LINES = 20_000

function linesOf(output: PassThrough): Record<string, unknown>[] {
  const text: unknown = output.read()
  if (!Buffer.isBuffer(text)) return []
  return text
    .toString()
    .trimEnd()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line))
}

test('log lines that nobody reads are bounded, and the next that is read says how many were lost', () => {
  const output = new PassThrough()
  const log = createLog('info', output)
  for (let number = 0; number < LINES; number += 1) log.info({ number }, 'x'.repeat(500))
  assert.ok(output.writableLength < 1_100_000, `${output.writableLength} bytes wait`)
  let read = linesOf(output)
  for (let more = linesOf(output); more.length > 0; more = linesOf(output)) read = [...read, ...more]
  log.info({}, 'read again')
  const last = linesOf(output)
  assert.deepEqual(
    last.map(({ msg }) => msg),
    ['read again', 'log lines were lost: nobody read them in time'],
  )
  assert.equal(last[1]?.['lost'], LINES - read.length)
})
