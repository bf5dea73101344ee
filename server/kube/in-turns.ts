import { setImmediate as otherWork } from 'node:timers/promises'

/** How long a stream may be read before other work has its turn. A chunk of 64 KiB takes a millisecond or two. */
const TURN_MS = 10

/** A stream that comes faster than it is read would let nothing else run, were there no pause. */
export async function* inTurns(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let began = performance.now()
  for await (const chunk of chunks) {
    yield chunk
    if (performance.now() - began < TURN_MS) continue
    await otherWork()
    began = performance.now()
  }
}
