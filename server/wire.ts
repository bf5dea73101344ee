/**
 * Puts the parts together; read it as a table of contents. A review: webhook → judge → report → answer. A stored CSR:
 * lists → controller → the same judge → act → report.
 */
import type { AddressInfo } from 'node:net'
import type { Rules } from '../policies/rules.ts'
import { isWaiting } from './controller/reconcile.ts'
import { readRequest, readUnverified } from './pkcs10/request.ts'
import { ClusterGatherer } from './facts/gather.ts'
import { createJudge } from './facts/judge.ts'
import { remember } from './facts/remember.ts'
import {
  type Judging,
  type OpenWebhook,
  type OpenController,
  openWebhook,
  openController,
  type Parts,
} from './components.ts'
import { Lists } from './lists.ts'
import type { ReadyCheck } from './observe.ts'
import { createMetricsServer } from './observe.ts'
import type { ServeOptions } from './options.ts'
import { type PolicyWatch, watchPolicy } from './policy/watch.ts'
import type { Log } from './ports.ts'
import { prepare } from './prepare.ts'
import { createEvents, type Events } from './report/events.ts'
import { createMetrics, type Pending } from './report/metrics.ts'
import { createReport } from './report/report.ts'

/** A running service. */
export interface Service {
  /** Where the webhook listens, null while it is off. */
  readonly webhook: AddressInfo | null
  readonly observe: AddressInfo
  /** No longer ready, and another replica leads; what still comes is answered, and its connection closed. */
  drain(): void
  /** Ends everything; the Lease is given back. */
  stop(): Promise<void>
}

export type Started =
  | { readonly ok: true; readonly service: Service }
  | { readonly ok: false; readonly faults: readonly string[] }

export interface StartParts {
  readonly options: ServeOptions
  readonly version: string
  /** The environment, for the service account and the kubeconfig. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
}

/** Requests remembered from the webhook to the controller and on to the evidence: of a burst, those between create and approval. */
const READINGS_KEPT = 1_024
/** Events under way when all ends. */
const EVENTS_DRAIN_MS = 2_000

/** Starts the service, or lists every fault of its configuration and starts nothing. */
export async function startService({ options, version, env, log }: StartParts): Promise<Started> {
  let pending = (): Pending => ({ count: 0, oldestSeconds: 0 })
  const metrics = createMetrics({ version, runs: options, pending: () => pending() })
  const preparation = await prepare(options, env, metrics)
  if (!preparation.ok) return preparation
  const { prepared } = preparation
  const { cluster } = prepared
  const lists = new Lists({ cluster, log, instruments: metrics })
  pending = () => pendingOf(lists, cluster.clock.serverNow())
  return { ok: true, service: await start({ ...prepared, options, log, metrics, lists }) }
}

async function start(parts: Parts): Promise<Service> {
  const { options, log, metrics, lists, cluster } = parts
  let controller: OpenController | null = null
  let draining = false
  const policy = followPolicy(parts, () => controller?.rejudge())
  const events = createEvents({
    api: cluster,
    clock: cluster.clock,
    instruments: metrics,
    log,
    identity: options.identity,
    busy: () => controller?.busy() ?? false,
  })
  const judging = judgeAndTell(parts, () => policy.rules(), events)

  const webhook = await openWebhook(parts, judging)
  const metricsServer = createMetricsServer({ metrics, checks: readyChecks(lists, webhook, () => draining) })
  const observed = await metricsServer.listen(options.metricsListen)
  log.info({ address: observed.address, port: observed.port }, 'probes and metrics are answered')
  controller = openController(parts, judging)
  lists.start()
  return {
    webhook: webhook?.address ?? null,
    observe: observed,
    drain() {
      draining = true
      controller?.stepDown()
      webhook?.webhook.drain()
    },
    async stop() {
      draining = true
      await Promise.all([webhook?.webhook.close(), webhook?.certificates.stop(), controller?.stop()])
      await events.drain(EVENTS_DRAIN_MS)
      policy.stop()
      await Promise.all([lists.stop(), metricsServer.close()])
      await cluster.close()
    },
  }
}

/** The one judgement of both components, and the one place that tells of it. */
function judgeAndTell(
  { options, cluster, lists, log, metrics }: Parts,
  rules: () => Rules,
  events: Events,
): Judging {
  const { clock } = cluster
  const sources = { ...lists.sources(), apiServer: () => cluster.apiServer() }
  const remembered = remember(readRequest, READINGS_KEPT)
  const evidence = (request: string) => remembered.recall(request) ?? readUnverified(request)
  const gatherer = new ClusterGatherer(sources, cluster, evidence)
  const judge = createJudge({ gatherer, read: remembered.read, rules, clock, log })
  const mayWrite = () => options.controller && rules().settings.mode !== 'audit'
  const report = createReport({ log, metrics, events: () => (mayWrite() ? events : null), clock })
  return { judge, report, rules }
}

/** Neither leadership nor the API server being up is among them: an outage must not empty the endpoints. */
function readyChecks(lists: Lists, webhook: OpenWebhook | null, draining: () => boolean): ReadyCheck[] {
  const serving = { name: 'certificate', problem: () => webhook?.certificates.problem() ?? null }
  return [
    { name: 'draining', problem: () => (draining() ? 'on its way out' : null) },
    { name: 'lists', problem: () => (lists.synced() ? null : 'not all lists have been read yet') },
    ...(webhook === null ? [] : [serving]),
  ]
}

function followPolicy({ options, rules, log, metrics }: Parts, rejudge: () => void): PolicyWatch {
  metrics.policyInForce(rules.hash)
  if (options.policy === null) return { rules: () => rules, stop: () => undefined }
  return watchPolicy({
    path: options.policy,
    first: rules,
    log,
    reloaded: (ok) => metrics.policyReloaded(ok),
    onChange({ hash }) {
      metrics.policyInForce(hash)
      rejudge()
    },
  })
}

function pendingOf({ csrs }: Lists, now: number): Pending {
  const created = [...csrs.values()].filter(({ csr }) => isWaiting(csr)).map(({ csr }) => csr.createdAt)
  if (created.length === 0) return { count: 0, oldestSeconds: 0 }
  const oldest = created.reduce((first, next) => Math.min(first, next))
  return { count: created.length, oldestSeconds: Math.max(0, now - oldest) / 1_000 }
}
