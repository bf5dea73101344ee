/** Work that waits for no I/O would let nothing else run, were there no pause. */
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { setImmediate as otherWork } from 'node:timers/promises'

/** How long it goes on before other work has its turn. The longest step is a chunk of 64 KiB: a millisecond or two. */
export const TURN_MS = 10

/**
 * Calls `use` with each chunk of a stream, which may come faster than they are used, until `use` returns false or the stream ends.
 * Rejects with the stream's error, or with what `use` throws. An async iterator would copy the chunks of a burst into one.
 */
export async function forEachChunk(stream: Readable, use: (chunk: Buffer) => boolean): Promise<void> {
  const { promise: stopped, resolve, reject } = Promise.withResolvers<void>()
  let began = performance.now()
  const goesOn = (chunk: Buffer): boolean => {
    try {
      return use(chunk)
    } catch (error) {
      reject(error)
      return false
    }
  }
  const took = (chunk: Buffer): void => {
    if (!goesOn(chunk)) {
      resolve()
      stream.off('data', took).destroy()
    } else if (performance.now() - began >= TURN_MS) {
      stream.pause()
      setImmediate(() => {
        began = performance.now()
        stream.resume()
      })
    }
  }
  stream.on('data', took)
  await Promise.race([finished(stream), stopped])
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
