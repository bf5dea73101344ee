import type { Settings } from '../../policies/settings.ts'
import type { ProbeResult } from '../../policies/types.ts'
import {
  type AdmissionRecorder,
  type DecisionRecord,
  type IssuedField,
  issuedFields,
  type LedgerSize,
  type LedgerWrite,
  ledgerWrites,
  type ProbeRecorder,
  type QueueEvent,
  type Recorder,
  type SharedCa,
  type WatchRestart,
  watchRestarts,
} from '../ports.ts'
import { type Metrics, registerTable, runtimeRegistry } from './metrics.ts'

/** Stored CSRs that wait for the same. `oldestSeconds` is 0 when there is none. */
interface Waiting {
  readonly count: number
  readonly oldestSeconds: number
}

interface Components {
  readonly webhook: boolean
  readonly controller: boolean
}

/** There is one queue and one Lease. */
const QUEUE = { name: 'csr' } as const
const WEBHOOK = { component: 'webhook' } as const
const CONTROLLER = { component: 'controller' } as const

/** The verdict that a written condition carries out. */
const carriedOut = { approved: 'approve', denied: 'deny' } as const
const seenByProbes = ['certificate', 'noCertificate', 'other', 'nothing'] as const

/** Records in the metrics of the table, and renders them. What is given to a method `…From` is called at each scrape. */
export class MetricsRecorder implements Recorder, AdmissionRecorder, ProbeRecorder {
  readonly #registry = runtimeRegistry()
  readonly #metrics = registerTable(this.#registry)
  /** The label of what concerns the whole process. */
  readonly #whole: { readonly component: 'webhook' | 'controller' | 'both' }
  /** The label of who dials: the controller, or the guard where it runs in a process of its own. */
  readonly #prober: { readonly component: 'webhook' | 'controller' }
  readonly #watched = new Set<string>()
  readonly #updates: (() => void)[] = []

  /** `runs`: the components of this process. */
  constructor({ version, runs }: { readonly version: string; readonly runs: Components }) {
    this.#whole = { component: runs.webhook ? (runs.controller ? 'both' : 'webhook') : 'controller' }
    this.#prober = runs.controller ? CONTROLLER : WEBHOOK
    this.#metrics.build.set({ ...this.#whole, version, node: process.version }, 1)
    this.#startAtZero(runs)
  }

  /** In the Prometheus text format. */
  async render(): Promise<{ readonly contentType: string; readonly body: string }> {
    for (const update of this.#updates) update()
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() }
  }

  /** `ageSeconds`: since the CSR was created. */
  decided({ component, decision, action }: DecisionRecord, ageSeconds: number): void {
    const { verdict, reason, findings } = decision
    this.#metrics.decisions.inc({ component, verdict, reason })
    const told = action === 'approved' ? findings.filter(({ detail }) => detail !== '') : []
    for (const { code } of told) this.#metrics.toldApprovals.inc({ component, code })
    if (action === 'approved' || action === 'denied')
      this.#metrics.timeToDecision.observe({ component, verdict: carriedOut[action] }, ageSeconds)
  }

  answered(status: number, seconds: number): void {
    this.#metrics.webhookLatency.observe(WEBHOOK, seconds)
    this.#metrics.webhookRequests.inc({ ...WEBHOOK, code: String(status) })
  }

  inFlight(count: number): void {
    this.#metrics.webhookInFlight.set(WEBHOOK, count)
  }

  shed(): void {
    this.#metrics.shed.inc(WEBHOOK)
  }

  panicked(): void {
    this.#metrics.webhookPanics.inc(WEBHOOK)
  }

  apiRequest(method: string, code: string): void {
    this.#metrics.apiRequests.inc({ method, code })
  }

  watchRestart(list: string, reason: WatchRestart): void {
    this.#metrics.watchRestarts.inc({ ...this.#whole, list, reason })
  }

  watchSpoke(list: string): void {
    this.#metrics.watchLastEvent.setToCurrentTime({ ...this.#whole, list })
    if (this.#watched.has(list)) return
    this.#watched.add(list)
    for (const reason of watchRestarts) this.#metrics.watchRestarts.inc({ ...this.#whole, list, reason }, 0)
  }

  queue({ depth, added, retried, waitedMs, workedMs }: QueueEvent): void {
    this.#metrics.queueDepth.set(QUEUE, depth)
    if (added === true) this.#metrics.queueAdds.inc(QUEUE)
    if (retried === true) this.#metrics.queueRetries.inc(QUEUE)
    if (waitedMs !== undefined) this.#metrics.queueWait.observe(QUEUE, waitedMs / 1_000)
    if (workedMs !== undefined) this.#metrics.queueWork.observe(QUEUE, workedMs / 1_000)
  }

  underway(elapsedMs: () => readonly number[]): void {
    this.#updates.push(() => {
      const elapsed = elapsedMs()
      this.#metrics.queueUnfinished.set(QUEUE, elapsed.reduce((sum, ms) => sum + ms, 0) / 1_000)
      this.#metrics.queueLongest.set(QUEUE, Math.max(0, ...elapsed) / 1_000)
    })
  }

  leader(holds: boolean): void {
    this.#metrics.leader.set(QUEUE, Number(holds))
  }

  eventsDropped(count: number): void {
    this.#metrics.eventsDropped.inc(CONTROLLER, count)
  }

  ledgerWritten(result: LedgerWrite): void {
    this.#metrics.ledgerWrites.inc({ ...CONTROLLER, result })
  }

  mismatched(field: IssuedField): void {
    this.#metrics.mismatches.inc({ ...CONTROLLER, field })
  }

  probed(saw: ProbeResult['kind'], seconds: number): void {
    this.#metrics.probes.inc({ ...this.#prober, saw })
    this.#metrics.probeDuration.observe(this.#prober, seconds)
  }

  probesFrom({ inProgress, blind }: Parameters<ProbeRecorder['probesFrom']>[0]): void {
    this.#metrics.probeDuration.zero(this.#prober)
    for (const saw of seenByProbes) this.#metrics.probes.inc({ ...this.#prober, saw }, 0)
    this.#updates.push(() => {
      this.#metrics.probesInProgress.set(this.#prober, inProgress())
      this.#metrics.probesBlind.set(this.#prober, Number(blind()))
    })
  }

  policyInForce(hash: string, mode: Settings['mode']): void {
    this.#metrics.policy.reset()
    this.#metrics.policy.set({ ...this.#whole, hash, mode }, 1)
  }

  policyReloaded(ok: boolean): void {
    this.#metrics.policyReloads.inc({ ...this.#whole, result: ok ? 'ok' : 'faults' })
    this.#metrics.policyGood.set(this.#whole, Number(ok))
  }

  inventoryReloaded(ok: boolean): void {
    this.#metrics.inventoryGood.set(this.#whole, Number(ok))
  }

  certificateServed(notAfter: Date): void {
    this.#metrics.certificateExpiry.set(WEBHOOK, notAfter.getTime() / 1_000)
  }

  certificateRead(ok: boolean): void {
    this.#metrics.certificateReads.inc()
    if (!ok) this.#metrics.certificateErrors.inc()
  }

  /** CSRs that wait for a decision, and CSRs that wait for the signer. */
  waitingFrom(askPending: () => Waiting, askUnissued: () => Waiting): void {
    this.#updates.push(() => {
      const [pending, unissued] = [askPending(), askUnissued()]
      this.#metrics.pending.set(this.#whole, pending.count)
      this.#metrics.oldestPending.set(this.#whole, pending.oldestSeconds)
      this.#metrics.unissued.set(this.#whole, unissued.count)
      this.#metrics.oldestUnissued.set(this.#whole, unissued.oldestSeconds)
    })
  }

  /** Pending CSRs that the controller may still approve. */
  approvableFrom(approvable: () => Waiting): void {
    this.#updates.push(() => {
      const { count, oldestSeconds } = approvable()
      this.#metrics.approvable.set(CONTROLLER, count)
      this.#metrics.oldestApprovable.set(CONTROLLER, oldestSeconds)
    })
  }

  ledgerFrom(ledger: () => LedgerSize): void {
    this.#updates.push(() => {
      const { nodes, unproven, unreadable } = ledger()
      this.#metrics.ledgerNodes.set(this.#whole, nodes)
      this.#metrics.unproven.set(this.#whole, unproven)
      this.#metrics.ledgerUnreadable.set(this.#whole, unreadable)
    })
  }

  sharedCaFrom(sharedCa: () => SharedCa): void {
    this.#updates.push(() => {
      this.#metrics.sharedCa.reset()
      this.#metrics.sharedCa.set({ ...this.#whole, shared_ca: sharedCa() }, 1)
    })
  }

  /** `longestStallMs`: the longest time since the start for which the event loop stood. */
  processFrom(process: { readonly droppedLines: () => number; readonly longestStallMs: () => number }): void {
    this.#updates.push(() => {
      this.#metrics.logLinesDropped.reset()
      this.#metrics.logLinesDropped.inc(this.#whole, process.droppedLines())
      this.#metrics.longestStall.set(this.#whole, process.longestStallMs() / 1_000)
    })
  }

  /** Counters start at 0, so that the first event of a process is an increase. */
  #startAtZero(runs: Components): void {
    const metrics = this.#metrics
    for (const now of [metrics.queueDepth, metrics.queueUnfinished, metrics.queueLongest]) now.set(QUEUE, 0)
    for (const counted of [metrics.queueAdds, metrics.queueRetries]) counted.inc(QUEUE, 0)
    for (const timed of [metrics.queueWait, metrics.queueWork]) timed.zero(QUEUE)
    for (const good of [metrics.policyGood, metrics.inventoryGood]) good.set(this.#whole, 1)
    for (const result of ['ok', 'faults']) metrics.policyReloads.inc({ ...this.#whole, result }, 0)
    if (runs.webhook) startWebhook(metrics)
    if (runs.controller) startController(metrics)
  }
}

const approved = { verdict: 'approve', reason: 'Conforms' } as const

function startWebhook(metrics: Metrics): void {
  metrics.decisions.inc({ ...WEBHOOK, ...approved }, 0)
  metrics.webhookLatency.zero(WEBHOOK)
  metrics.webhookInFlight.set(WEBHOOK, 0)
  for (const counted of [metrics.shed, metrics.webhookPanics]) counted.inc(WEBHOOK, 0)
}

function startController(metrics: Metrics): void {
  metrics.decisions.inc({ ...CONTROLLER, ...approved }, 0)
  for (const verdict of Object.values(carriedOut)) metrics.timeToDecision.zero({ ...CONTROLLER, verdict })
  metrics.eventsDropped.inc(CONTROLLER, 0)
  for (const result of ledgerWrites) metrics.ledgerWrites.inc({ ...CONTROLLER, result }, 0)
  for (const field of issuedFields) metrics.mismatches.inc({ ...CONTROLLER, field }, 0)
}
