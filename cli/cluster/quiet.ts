import type { Log, ProbeRecorder, Recorder } from '../../server/ports.ts'

const nothing = (): void => undefined

/** Commands print results, not the log of the parts that they use. */
export const quietLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing }

export const quietRecorder: Recorder = {
  apiRequest: nothing,
  watchRestart: nothing,
  watchSpoke: nothing,
  queue: nothing,
  underway: nothing,
  leader: nothing,
  eventsDropped: nothing,
  mismatched: nothing,
  ledgerWritten: nothing,
}

export const quietProbes: ProbeRecorder = { probed: nothing, probesFrom: nothing }
