import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { until } from '../test/kit/until.ts'
import { createLog } from './log.ts'

/** A pipe whose reader takes nothing until it is told to. */
function pipe() {
  const taken: string[] = []
  let waiting: (() => void) | undefined
  let reads = false
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      taken.push(String(chunk))
      if (reads) return done()
      waiting = done
    },
  })
  const read = (): void => {
    reads = true
    waiting?.()
  }
  return { stream, taken, read }
}

const KIB = 'x'.repeat(1_024)
const messages = (lines: readonly string[]) =>
  lines
    .flatMap((chunk) => chunk.split('\n').filter(Boolean))
    .map((line): { readonly msg: string; readonly lines?: number } => JSON.parse(line))

test('at most 4 MiB wait for a reader: what comes then is dropped and counted', () => {
  const { stream } = pipe()
  const { log, dropped } = createLog('info', stream)
  for (let line = 0; line < 10_000; line += 1) log.info({ KIB }, 'decided')
  assert.ok(stream.writableLength < 4.01 * 1_048_576, `${stream.writableLength}`)
  assert.ok(dropped() > 5_000 && dropped() < 6_500, `${dropped()}`)
})

test('when the reader goes on, one line tells how many are missing, before the next', async () => {
  const { stream, taken, read } = pipe()
  const { log, dropped, flush } = createLog('info', stream)
  for (let line = 0; line < 5_000; line += 1) log.info({ KIB }, 'decided')
  read()
  await until(() => stream.writableLength === 0, 'all is read')
  log.info({}, 'after')
  await flush(1_000)
  const [gap, after] = messages(taken).slice(-2)
  assert.deepEqual(
    [gap?.msg, gap?.lines],
    ['log lines were dropped here, because nobody read them', dropped()],
  )
  assert.equal(after?.msg, 'after')
  assert.equal(messages(taken).length, 5_000 - dropped() + 2)
  log.info({}, 'later')
  await flush(1_000)
  assert.equal(messages(taken).at(-1)?.msg, 'later')
})

test('a flush waits for what is buffered, but not longer than it was told', async () => {
  const { stream, taken, read } = pipe()
  const { log, flush } = createLog('info', stream)
  for (let line = 0; line < 3; line += 1) log.info({ line }, 'decided')
  const begun = performance.now()
  await flush(100)
  assert.ok(performance.now() - begun < 1_000)
  assert.equal(messages(taken).length, 1)
  const flushed = flush(10_000)
  read()
  await flushed
  assert.equal(messages(taken).length, 3)
})

test('a reader that is gone does not end the service, and its lines count as dropped', async () => {
  const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) })
  const { log, dropped } = createLog('info', stream)
  log.info({}, 'one')
  log.info({}, 'two')
  await until(() => dropped() === 2, 'both are counted')
})

test('a line of a hostile requester reaches the terminal as ASCII', async () => {
  const { stream, taken, read } = pipe()
  read()
  createLog('info', stream).log.info({ user: '\u202e\u009b2J' }, 'decided')
  assert.match(taken.join(''), /"user":"\\u202e\\u009b2J"/u)
})
