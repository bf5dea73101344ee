import type { Writable } from 'node:stream'
import { pino } from 'pino'
import { asciiJson } from '../policies/text.ts'
import type { Log } from '../server/ports.ts'

/** What may wait until somebody reads: about two thousand decisions. */
const WAITING_MAX_BYTES = 1_048_576

/** A log of JSON lines. If nobody reads them, it holds up nothing and fills no memory: lines are lost. */
export function createLog(level: string, output: Writable): Log {
  let lost = 0
  const write = (line: string): void => {
    if (output.writableLength > WAITING_MAX_BYTES) {
      lost += 1
      return
    }
    output.write(line)
    if (lost === 0) return
    const count = lost
    lost = 0
    log.warn({ lost: count }, 'log lines were lost: nobody read them in time')
  }
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // User names, CSR names and groups come from the requester: control characters must not reach a terminal.
      hooks: { streamWrite: asciiJson },
    },
    { write },
  )
  return log
}
