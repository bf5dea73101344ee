import { Registry } from 'prom-client'
import {
  type AdmissionRecorder,
  type DecisionRecord,
  type Recorder,
  type LedgerSize,
  ledgerWrites,
  issuedFields,
  type ProbeRecorder,
  type SharedCa,
  watchRestarts,
} from '../ports.ts'
import { type ConfigurationMetrics, configurationMetrics } from './configuration-metrics.ts'
import { type Builder, builderInto } from './metric-builder.ts'
import { metricTable as table } from './metric-table.ts'
import { Pages } from './pages.ts'
import { registerRuntime } from './runtime-metrics.ts'

/** Stored CSRs that wait for the same. `oldestSeconds` is 0 when there is none. */
interface Waiting {
  readonly count: number
  readonly oldestSeconds: number
}

/** What the process knows of itself. */
interface ProcessState {
  readonly droppedLines: () => number
  /** The longest time since the start for which the event loop stood. */
  readonly longestStallMs: () => number
}

export interface MetricsParts {
  readonly version: string
  /** Which components this process runs. */
  readonly runs: { readonly webhook: boolean; readonly controller: boolean }
}

/** The counters, and the page that shows them. */
export interface Metrics extends Recorder, AdmissionRecorder, ProbeRecorder, ConfigurationMetrics {
  /** Asks `ledger` at each scrape. */
  ledgerFrom(ledger: () => LedgerSize): void
  /** Asks at each scrape for the CSRs that wait for a decision, and for those that wait for the signer. */
  waitingFrom(pending: () => Waiting, unissued: () => Waiting): void
  /** Asks at each scrape for the pending CSRs that the controller may still approve. */
  approvableFrom(approvable: () => Waiting): void
  /** Asks `sharedCa` at each scrape. */
  sharedCaFrom(sharedCa: () => SharedCa): void
  /** Asks `process` at each scrape. */
  processFrom(process: ProcessState): void
  /** `ageSeconds`: since the CSR was created. */
  decided(record: DecisionRecord, ageSeconds: number): void
  /** In the Prometheus text format. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>
}

/** There is one queue and one Lease. */
const QUEUE = { name: 'csr' } as const
const WEBHOOK = { component: 'webhook' } as const
const CONTROLLER = { component: 'controller' } as const

export function createMetrics(parts: MetricsParts): Metrics {
  const registry = new Registry()
  const { runs } = parts
  const component = runs.webhook ? (runs.controller ? 'both' : 'webhook') : 'controller'
  const builder = { ...builderInto(registry), runs, whole: { component } } as const
  const pages = new Pages()
  registerRuntime(registry)
  registerStanding(builder, parts)
  return {
    ...admissionMetrics(builder),
    ...controllerMetrics(builder),
    ...probeMetrics(builder),
    ...decisionMetrics(builder),
    ...configurationMetrics(builder),
    waitingFrom(askPending, askUnissued) {
      const [pending, unissued] = [pages.once(askPending), pages.once(askUnissued)]
      builder.gaugeOf(table.pending, () => pending().count, builder.whole)
      builder.gaugeOf(table.oldestPending, () => pending().oldestSeconds, builder.whole)
      builder.gaugeOf(table.unissued, () => unissued().count, builder.whole)
      builder.gaugeOf(table.oldestUnissued, () => unissued().oldestSeconds, builder.whole)
    },
    approvableFrom(askApprovable) {
      const approvable = pages.once(askApprovable)
      builder.gaugeOf(table.approvable, () => approvable().count, CONTROLLER)
      builder.gaugeOf(table.oldestApprovable, () => approvable().oldestSeconds, CONTROLLER)
    },
    sharedCaFrom(sharedCa) {
      builder.infoOf(table.sharedCa, () => ({ ...builder.whole, shared_ca: sharedCa() }))
    },
    ledgerFrom(askLedger) {
      const ledger = pages.once(askLedger)
      builder.gaugeOf(table.ledgerNodes, () => ledger().nodes, builder.whole)
      builder.gaugeOf(table.unproven, () => ledger().unproven, builder.whole)
      builder.gaugeOf(table.ledgerUnreadable, () => ledger().unreadable, builder.whole)
    },
    processFrom({ droppedLines, longestStallMs }) {
      builder.counterOf(table.logLinesDropped, droppedLines, builder.whole)
      builder.gaugeOf(table.longestStall, () => longestStallMs() / 1_000, builder.whole)
    },
    async render() {
      pages.begin()
      return { contentType: registry.contentType, body: await registry.metrics() }
    },
  }
}

function admissionMetrics({ counter, gauge, histogram, runs }: Builder): AdmissionRecorder {
  const latency = histogram(table.webhookLatency)
  const requests = counter(table.webhookRequests)
  const inFlight = gauge(table.webhookInFlight)
  const shed = counter(table.shed)
  const panics = counter(table.webhookPanics)
  if (runs.webhook) {
    latency.zero(WEBHOOK)
    inFlight.set(WEBHOOK, 0)
    for (const counted of [shed, panics]) counted.inc(WEBHOOK, 0)
  }
  return {
    answered(status, seconds) {
      latency.observe(WEBHOOK, seconds)
      requests.inc({ ...WEBHOOK, code: String(status) })
    },
    inFlight: (count) => inFlight.set(WEBHOOK, count),
    shed: () => shed.inc(WEBHOOK),
    panicked: () => panics.inc(WEBHOOK),
  }
}

function controllerMetrics({ counter, gauge, gaugeOf, histogram, runs, whole }: Builder): Recorder {
  const apiRequests = counter(table.apiRequests)
  const restarts = counter(table.watchRestarts)
  const lists = new Set<string>()
  const watchLastEvent = gauge(table.watchLastEvent)
  const adds = counter(table.queueAdds)
  const retries = counter(table.queueRetries)
  const waited = histogram(table.queueWait)
  const worked = histogram(table.queueWork)
  let depth = 0
  gaugeOf(table.queueDepth, () => depth, QUEUE)
  let underway = (): readonly number[] => []
  gaugeOf(table.queueUnfinished, () => underway().reduce((sum, ms) => sum + ms, 0) / 1_000, QUEUE)
  gaugeOf(table.queueLongest, () => Math.max(0, ...underway()) / 1_000, QUEUE)
  const leader = gauge(table.leader)
  const eventsDropped = counter(table.eventsDropped)
  const writes = counter(table.ledgerWrites)
  const mismatches = counter(table.mismatches)
  if (runs.controller) {
    eventsDropped.inc(CONTROLLER, 0)
    for (const result of ledgerWrites) writes.inc({ ...CONTROLLER, result }, 0)
    for (const field of issuedFields) mismatches.inc({ ...CONTROLLER, field }, 0)
  }
  for (const counted of [adds, retries]) counted.inc(QUEUE, 0)
  for (const timed of [waited, worked]) timed.zero(QUEUE)
  return {
    apiRequest: (method, code) => apiRequests.inc({ method, code }),
    watchRestart: (list, reason) => restarts.inc({ ...whole, list, reason }),
    watchSpoke(list) {
      watchLastEvent.setToCurrentTime({ ...whole, list })
      if (lists.has(list)) return
      lists.add(list)
      for (const reason of watchRestarts) restarts.inc({ ...whole, list, reason }, 0)
    },
    queue(event) {
      depth = event.depth
      if (event.added === true) adds.inc(QUEUE)
      if (event.retried === true) retries.inc(QUEUE)
      if (event.waitedMs !== undefined) waited.observe(QUEUE, event.waitedMs / 1_000)
      if (event.workedMs !== undefined) worked.observe(QUEUE, event.workedMs / 1_000)
    },
    underway(elapsedMs) {
      underway = elapsedMs
    },
    leader: (holds) => leader.set(QUEUE, holds ? 1 : 0),
    eventsDropped: (count) => eventsDropped.inc(CONTROLLER, count),
    ledgerWritten: (result) => writes.inc({ ...CONTROLLER, result }),
    mismatched: (field) => mismatches.inc({ ...CONTROLLER, field }),
  }
}

const sights = ['certificate', 'noCertificate', 'other', 'nothing'] as const

function probeMetrics({ counter, gaugeOf, histogram, runs }: Builder): ProbeRecorder {
  const probes = counter(table.probes)
  const duration = histogram(table.probeDuration)
  if (runs.controller) {
    duration.zero(CONTROLLER)
    for (const saw of sights) probes.inc({ ...CONTROLLER, saw }, 0)
  }
  return {
    probed(saw, seconds) {
      probes.inc({ ...CONTROLLER, saw })
      duration.observe(CONTROLLER, seconds)
    },
    probesFrom({ inProgress, blind }) {
      gaugeOf(table.probesInProgress, inProgress, CONTROLLER)
      gaugeOf(table.probesBlind, () => (blind() ? 1 : 0), CONTROLLER)
    },
  }
}

/** The verdict that a written condition carries out. */
const carriedOut = { approved: 'approve', denied: 'deny' } as const

function decisionMetrics({ counter, histogram, runs }: Builder): Pick<Metrics, 'decided'> {
  const decisions = counter(table.decisions)
  const timeToDecision = histogram(table.timeToDecision)
  const approve = { verdict: 'approve', reason: 'Conforms' } as const
  if (runs.webhook) decisions.inc({ ...WEBHOOK, ...approve }, 0)
  if (runs.controller) {
    decisions.inc({ ...CONTROLLER, ...approve }, 0)
    for (const verdict of Object.values(carriedOut)) timeToDecision.zero({ ...CONTROLLER, verdict })
  }
  return {
    decided({ component, decision: { verdict, reason }, action }, ageSeconds) {
      decisions.inc({ component, verdict, reason })
      if (action === 'approved' || action === 'denied')
        timeToDecision.observe({ component, verdict: carriedOut[action] }, ageSeconds)
    },
  }
}

/** Values that never change. */
function registerStanding({ gauge, whole }: Builder, { version }: MetricsParts): void {
  gauge(table.build).set({ ...whole, version, node: process.version }, 1)
}
