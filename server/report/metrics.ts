import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { type AdmissionInstruments, type Instruments, type DecisionRecord, watchRestarts } from '../ports.ts'
import { metricTable as table, runtimeMetrics } from './metric-table.ts'

/** Stored CSRs that wait. `oldestSeconds` is 0 when there is none. */
interface Pending {
  readonly count: number
  readonly oldestSeconds: number
}

export interface MetricsParts {
  readonly version: string
}

/** What is counted, and the page that shows it. */
export interface Metrics extends Instruments, AdmissionInstruments {
  /** Asks `pending` at each scrape. */
  pendingFrom(pending: () => Pending): void
  decided(record: DecisionRecord): void
  /** From the creation of a CSR until the controller approved or denied it. */
  settled(decision: 'approved' | 'denied', seconds: number): void
  policyInForce(hash: string): void
  policyReloaded(ok: boolean): void
  certificateServed(notAfter: Date): void
  certificateRead(ok: boolean): void
  /** In the Prometheus text format. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>
}

/** The queue and the Lease there are. */
const LOOP = { name: 'csr' } as const

export function createMetrics(parts: MetricsParts): Metrics {
  const registry = new Registry()
  const build = builderInto(registry)
  registerRuntime(registry)
  registerStanding(build, parts)
  return {
    ...admissionMetrics(build),
    ...controllerMetrics(build),
    ...decisionMetrics(build),
    ...configurationMetrics(build),
    pendingFrom(pending) {
      build.gaugeOf(table.pending, () => pending().count)
      build.gaugeOf(table.oldestPending, () => pending().oldestSeconds)
    },
    async render() {
      return { contentType: registry.contentType, body: await registry.metrics() }
    },
  }
}

interface Row<Label extends string> {
  readonly name: string
  readonly help: string
  readonly labels: readonly Label[]
}

type Builder = ReturnType<typeof builderInto>

function builderInto(registry: Registry) {
  const common = <Label extends string>({ name, help, labels }: Row<Label>) => ({
    name,
    help,
    labelNames: labels,
    registers: [registry],
  })
  return {
    counter: <Label extends string>(row: Row<Label>) => new Counter<Label>(common(row)),
    gauge: <Label extends string>(row: Row<Label>) => new Gauge<Label>(common(row)),
    gaugeOf: <Label extends string>(
      row: Row<Label>,
      value: () => number,
      labels: Partial<Record<Label, string>> = {},
    ) =>
      new Gauge<Label>({
        ...common(row),
        collect() {
          this.set(labels, value())
        },
      }),
    histogram: <Label extends string>(row: Row<Label> & { readonly buckets: readonly number[] }) =>
      new Histogram<Label>({ ...common(row), buckets: [...row.buckets] }),
  }
}

function admissionMetrics({ counter, gauge, histogram }: Builder): AdmissionInstruments {
  const latency = histogram(table.webhookLatency)
  const requests = counter(table.webhookRequests)
  const inFlight = gauge(table.webhookInFlight)
  const shed = counter(table.shed)
  const panics = counter(table.webhookPanics)
  return {
    answered(status, seconds) {
      latency.observe(seconds)
      requests.inc({ code: String(status) })
    },
    inFlight: (count) => inFlight.set(count),
    shed: () => shed.inc(),
    panicked: () => panics.inc(),
  }
}

function controllerMetrics({ counter, gauge, gaugeOf, histogram }: Builder): Instruments {
  const apiRequests = counter(table.apiRequests)
  const restarts = counter(table.watchRestarts)
  const lists = new Set<string>()
  const watchLastEvent = gauge(table.watchLastEvent)
  const depth = gauge(table.queueDepth)
  const adds = counter(table.queueAdds)
  const retries = counter(table.queueRetries)
  const waited = histogram(table.queueWait)
  const worked = histogram(table.queueWork)
  let underway = (): readonly number[] => []
  gaugeOf(table.queueUnfinished, () => underway().reduce((sum, ms) => sum + ms, 0) / 1_000, LOOP)
  gaugeOf(table.queueLongest, () => Math.max(0, ...underway()) / 1_000, LOOP)
  const leader = gauge(table.leader)
  const eventsDropped = counter(table.eventsDropped)
  for (const counted of [adds, retries]) counted.inc(LOOP, 0)
  for (const timed of [waited, worked]) timed.zero(LOOP)
  return {
    apiRequest: (method, code) => apiRequests.inc({ method, code }),
    watchRestart: (list, reason) => restarts.inc({ list, reason }),
    watchSpoke(list) {
      watchLastEvent.setToCurrentTime({ list })
      if (lists.has(list)) return
      lists.add(list)
      for (const reason of watchRestarts) restarts.inc({ list, reason }, 0)
    },
    queue(event) {
      depth.set(LOOP, event.depth)
      if (event.added === true) adds.inc(LOOP)
      if (event.retried === true) retries.inc(LOOP)
      if (event.waitedMs !== undefined) waited.observe(LOOP, event.waitedMs / 1_000)
      if (event.workedMs !== undefined) worked.observe(LOOP, event.workedMs / 1_000)
    },
    underway(elapsedMs) {
      underway = elapsedMs
    },
    leader: (holds) => leader.set(LOOP, holds ? 1 : 0),
    eventsDropped: (count) => eventsDropped.inc(count),
  }
}

function decisionMetrics({ counter, histogram }: Builder): Pick<Metrics, 'decided' | 'settled'> {
  const decisions = counter(table.decisions)
  const timeToDecision = histogram(table.timeToDecision)
  for (const component of ['webhook', 'controller'])
    decisions.inc({ component, decision: 'approve', reason: 'Conforms' }, 0)
  for (const decision of ['approved', 'denied']) timeToDecision.zero({ decision })
  return {
    decided: ({ component, decision: { verdict, reason } }) =>
      decisions.inc({ component, decision: verdict, reason }),
    settled: (decision, seconds) => timeToDecision.observe({ decision }, seconds),
  }
}

type ConfigurationMetrics = Pick<
  Metrics,
  'policyInForce' | 'policyReloaded' | 'certificateServed' | 'certificateRead'
>

function configurationMetrics({ counter, gauge }: Builder): ConfigurationMetrics {
  const policy = gauge(table.policy)
  const policyReloads = counter(table.policyReloads)
  const policyGood = gauge(table.policyGood)
  const expiry = gauge(table.certificateExpiry)
  const reads = counter(table.certificateReads)
  const errors = counter(table.certificateErrors)
  policyGood.set(1)
  for (const result of ['ok', 'faults']) policyReloads.inc({ result }, 0)
  return {
    policyInForce(hash) {
      policy.reset()
      policy.set({ hash }, 1)
    },
    policyReloaded(ok) {
      policyReloads.inc({ result: ok ? 'ok' : 'faults' })
      policyGood.set(ok ? 1 : 0)
    },
    certificateServed: (notAfter) => expiry.set(notAfter.getTime() / 1_000),
    certificateRead(ok) {
      reads.inc()
      if (!ok) errors.inc()
    },
  }
}

/** What never changes. */
function registerStanding({ gauge }: Builder, { version }: MetricsParts): void {
  gauge(table.build).set({ version, node: process.version }, 1)
}

function registerRuntime(registry: Registry): void {
  collectDefaultMetrics({ register: registry })
  for (const { name } of registry.getMetricsAsArray()) {
    if (!runtimeMetrics.includes(name)) registry.removeSingleMetric(name)
  }
}
