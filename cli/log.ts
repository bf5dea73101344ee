import type { Writable } from 'node:stream'
import { pino } from 'pino'
import { asciiJson } from '../policies/text.ts'
import type { Log } from '../server/ports.ts'

/** 6,000 decisions of 700 bytes: a minute of a busy controller, and a twentieth of the heap. */
const BUFFER_MAX_BYTES = 4 * 1_048_576

/** A log whose lines are dropped, and counted, while nobody reads them. It never holds up the process. */
export interface BoundedLog {
  readonly log: Log
  /** Lines that were dropped since the start. */
  readonly dropped: () => number
  /** Resolves when everything is written, at the latest after `withinMs`. */
  readonly flush: (withinMs: number) => Promise<void>
}

export function createLog(level: string, stream: Writable): BoundedLog {
  const lines = new LineBuffer(stream)
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // User names, CSR names and groups come from the requester: control characters must not reach a terminal.
      hooks: { streamWrite: asciiJson },
    },
    lines,
  )
  lines.onGap((count) => log.warn({ lines: count }, 'log lines were dropped here, because nobody read them'))
  return { log, dropped: () => lines.dropped, flush: (withinMs) => lines.flush(withinMs) }
}

/**
 * The stream writes at once while its reader keeps up, and buffers what the reader does not take. From a full buffer on,
 * lines are dropped until it is empty again, so that there are few gaps, and a line marks each.
 */
class LineBuffer {
  readonly #stream: Writable
  #unmarked = 0
  #full = false
  #onGap: (count: number) => void = () => undefined
  dropped = 0

  constructor(stream: Writable) {
    this.#stream = stream
    // A reader that is gone must not end the service. The callbacks of the writes count the lines.
    stream.on('error', () => undefined)
    stream.on('drain', () => this.#markGap())
  }

  /** `onGap` is called with the number of lines that are missing, before the next line is written. */
  onGap(onGap: (count: number) => void): void {
    this.#onGap = onGap
  }

  write(line: string): void {
    this.#full ||= this.#stream.writableLength > BUFFER_MAX_BYTES
    if (this.#full) {
      this.dropped += 1
      this.#unmarked += 1
      return
    }
    this.#stream.write(line, (error) => {
      if (error) this.dropped += 1
    })
  }

  async flush(withinMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#stream.write('', () => resolve())
    const timer = setTimeout(resolve, withinMs)
    await promise
    clearTimeout(timer)
  }

  #markGap(): void {
    this.#full = false
    if (this.#unmarked === 0) return
    const count = this.#unmarked
    this.#unmarked = 0
    this.#onGap(count)
  }
}
