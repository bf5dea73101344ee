import { nodeUser } from '../../policies/node-name.ts'
import type { Api, Clock, Log, Notice, Report, SharedCa } from '../ports.ts'
import { Events } from './events.ts'
import type { MetricsRecorder } from './recorder.ts'
import type { NodeNotice } from './event.ts'
import { createReport } from './report.ts'

interface ReportingDependencies {
  readonly cluster: Api & { readonly clock: Clock }
  readonly log: Log
  readonly recorder: MetricsRecorder
  /** The name of this process in Events. */
  readonly identity: string
  readonly sharedCa: () => SharedCa
  /** Whether Events about this user may be written. */
  readonly mayWrite: (username: string) => boolean
  /** While it returns true, Events wait. */
  readonly busy: () => boolean
}

/** Writes an Event about what comes after a decision. */
export type Notify = (notice: Notice | NodeNotice) => void

interface Reporting {
  readonly report: Report
  readonly notify: Notify
  /** Resolves once no Event is left to write, or after `withinMs`. */
  readonly drain: (withinMs: number) => Promise<void>
}

/** Log lines, metrics and Events about decisions, and Events about what comes after them. */
export function createReporting(dependencies: ReportingDependencies): Reporting {
  const { cluster, log, recorder, identity, sharedCa, mayWrite, busy } = dependencies
  const { clock } = cluster
  const events = new Events({ api: cluster, clock, log, recorder, identity, busy })
  const eventsFor = (username: string) => (mayWrite(username) ? events : null)
  const userOf = (notice: Notice | NodeNotice) =>
    'node' in notice ? nodeUser(notice.node.name) : notice.username
  return {
    report: createReport({ log, metrics: recorder, clock, sharedCa, events: eventsFor }),
    notify: (notice) => eventsFor(userOf(notice))?.notify(notice),
    drain: (withinMs) => events.drain(withinMs),
  }
}
