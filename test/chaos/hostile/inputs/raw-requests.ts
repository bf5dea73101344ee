/** Requests that no HTTP client writes: heads and bodies that are cut off, slow, endless or contradict themselves. */
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { firstStatus, openTls, write } from '../attack/connection.ts'
import { flooding, type Pace } from '../attack/flood.ts'
import type { HostileInput } from '../input.ts'

const ANSWER_MS = 5_000
/** A byte so often is enough to look busy. */
const SLOW_MS = 1_000
const FAST: Pace = { lanes: 32, perSecond: 200 }
/** Slow ones are many, and each lasts. */
const SLOW: Pace = { lanes: 256, perSecond: 200 }

const HEAD = 'POST /validate HTTP/1.1\r\nhost: webhook\r\ncontent-type: application/json\r\n'

/** What is written on each connection until it ends; then the answer is awaited. */
const written = (
  name: string,
  does: string,
  pace: Pace,
  content: (socket: Socket) => Promise<void>,
): HostileInput =>
  flooding({ name, against: 'webhook port', does, pace }, ({ targets }) => async () => {
    const socket = await openTls(targets.webhookPort)
    const answer = firstStatus(socket, 600_000)
    await content(socket)
    return await Promise.race([answer, sleep(ANSWER_MS, 'no answer')]).finally(() => socket.destroy())
  })

const once = (text: string) => async (socket: Socket) => void (await write(socket, text))

/** Repeats a piece until the other side has enough. */
const endless = (first: string, piece: string, everyMs: number) => async (socket: Socket) => {
  for (let open = await write(socket, first); open; open = await write(socket, piece)) await sleep(everyMs)
}

const manyHeaders = Array.from({ length: 2_000 }, (_, index) => `x${index}: y\r\n`).join('')
const answered = `${HEAD}content-length: 2\r\n\r\n{}`

export const rawRequests: readonly HostileInput[] = [
  written('head-16kb', 'a header of 16 KB', FAST, once(`${HEAD}x: ${'a'.repeat(16_384)}\r\n\r\n`)),
  written(
    'head-2000-headers',
    '2,000 headers',
    FAST,
    once(`${HEAD}${manyHeaders}content-length: 2\r\n\r\n{}`),
  ),
  written('head-endless', 'headers without end', FAST, endless(HEAD, 'x: y\r\n', 0)),
  written('head-slow', 'a byte of a head each second, 256 at a time', SLOW, endless(HEAD, 'x', SLOW_MS)),
  written('head-noise', 'no HTTP at all', FAST, once('\0\u0001\u0002 noise\r\n\r\n'.repeat(100))),
  written('head-http2', 'the preface of HTTP/2', FAST, once('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')),
  written(
    'head-upgrade',
    'an upgrade to a web socket',
    FAST,
    once(`${HEAD}connection: upgrade\r\nupgrade: websocket\r\ncontent-length: 2\r\n\r\n{}`),
  ),
  written('body-truncated', 'half of a body, and then the end', FAST, async (socket) => {
    await write(socket, `${HEAD}content-length: 100000\r\n\r\n${'['.repeat(50_000)}`)
    socket.end()
  }),
  written(
    'body-awaited',
    'a head that tells of 7 MB, and none of them, 256 at a time',
    SLOW,
    once(`${HEAD}content-length: 7000000\r\n\r\n`),
  ),
  written(
    'body-slow',
    'a byte of a body each second, 256 at a time',
    SLOW,
    endless(`${HEAD}content-length: 7000000\r\n\r\n`, '[', SLOW_MS),
  ),
  written(
    'body-expected',
    'a body that waits to be asked for',
    FAST,
    once(`${HEAD}expect: 100-continue\r\ncontent-length: 7000000\r\n\r\n`),
  ),
  written(
    'body-shorter-than-told',
    'a length of 2, and more bytes than that',
    FAST,
    once(`${HEAD}content-length: 2\r\n\r\n${'{}'.repeat(1_000)}`),
  ),
  written(
    'body-two-lengths',
    'a length and chunks together',
    FAST,
    once(`${HEAD}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n`),
  ),
  written(
    'chunks-of-a-byte',
    '100,000 chunks of one byte',
    FAST,
    once(`${HEAD}transfer-encoding: chunked\r\n\r\n${'1\r\n[\r\n'.repeat(100_000)}0\r\n\r\n`),
  ),
  written(
    'chunks-endless',
    'chunks without end',
    FAST,
    endless(`${HEAD}transfer-encoding: chunked\r\n\r\n`, `4000\r\n${'['.repeat(0x4000)}\r\n`, 0),
  ),
  written(
    'chunk-extension',
    'a chunk with 16 MB of extension',
    FAST,
    once(`${HEAD}transfer-encoding: chunked\r\n\r\n1;${'a'.repeat(16_000_000)}\r\n[\r\n0\r\n\r\n`),
  ),
  written('pipelined-1000', '1,000 requests before the first answer', FAST, once(answered.repeat(1_000))),
  written(
    'answers-unread',
    '1,000 requests whose answers nobody reads',
    { lanes: 128, perSecond: 100 },
    async (socket) => {
      socket.pause()
      await write(socket, answered.repeat(1_000))
      await sleep(ANSWER_MS)
    },
  ),
]
