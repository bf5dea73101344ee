import { OBJECT_MAX_BYTES } from './answer.ts'

/** An event is a few words around an object. */
const LINE_MAX_BYTES = OBJECT_MAX_BYTES + 1_024

/**
 * The lines of a watch, without their ends. An unfinished last line is dropped: the stream was cut.
 * @throws Error when a line is longer than an object and its event can be
 */
export async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let held: Buffer[] = []
  let heldBytes = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      held.push(chunk.subarray(start, end))
      yield Buffer.concat(held).toString('utf8')
      held = []
      heldBytes = 0
      start = end + 1
    }
    held.push(chunk.subarray(start))
    heldBytes += chunk.length - start
    if (heldBytes > LINE_MAX_BYTES)
      throw new Error(`a line of the watch is longer than ${LINE_MAX_BYTES} bytes`)
  }
}
