import type { Rules } from '../policies/rules.ts'
import type { Judges } from './judges.ts'
import type { ServeOptions } from './options.ts'
import type { Log, Report } from './ports.ts'
import type { Prepared } from './prepare.ts'
import type { MetricsRecorder } from './report/recorder.ts'

/** What every part of the service is made from. */
export interface Parts extends Prepared {
  readonly options: ServeOptions
  readonly log: Log
  /** How many lines the log has dropped. */
  readonly droppedLines: () => number
  readonly metrics: MetricsRecorder
}

/** What the webhook and the controller share. */
export interface Judging extends Judges {
  readonly report: Report
  /** The policy in force. */
  readonly rules: () => Rules
}
