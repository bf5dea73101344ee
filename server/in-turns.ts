/** Work that waits for no I/O would let nothing else run, were there no pause. */
import { setImmediate as otherWork } from 'node:timers/promises'

/** How long it goes on before other work has its turn. The longest step is a chunk of 64 KiB: a millisecond or two. */
export const TURN_MS = 10

/** The chunks of a stream, which may come faster than they are read. */
export async function* inTurns(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let began = performance.now()
  for await (const chunk of chunks) {
    yield chunk
    if (performance.now() - began < TURN_MS) continue
    await otherWork()
    began = performance.now()
  }
}

/** Calls `work` with each item, such as those of a Map, which may change meanwhile. */
export async function forEachInTurns<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> {
  let began = performance.now()
  for (const item of items) {
    work(item)
    if (performance.now() - began < TURN_MS) continue
    await otherWork()
    began = performance.now()
  }
}
