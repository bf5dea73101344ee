/**
 * Puts the parts of the service together. An AdmissionReview: webhook → judge → report → answer. A stored CSR:
 * informer → controller → the same judge → act → report.
 */
import type { AddressInfo } from 'node:net'
import type { Rules } from '../policies/rules.ts'
import { Activity } from './controller/activity.ts'
import { type Controller, startController } from './controller/controller.ts'
import { startElection } from './controller/lease.ts'
import { ClusterGatherer } from './facts/gather.ts'
import { createJudge } from './facts/judge.ts'
import { Readings } from './facts/readings.ts'
import { pendingOf } from './facts/stored-csr.ts'
import { createLists, type Lists } from './lists.ts'
import type { HealthCheck } from './observe.ts'
import { openProbes } from './probes.ts'
import type { ServeOptions } from './options.ts'
import { readUnverified } from './pkcs10/request.ts'
import { watchPolicy } from './policy/watch.ts'
import type { Judge, Log, Picture, Report } from './ports.ts'
import { type Prepared, prepare } from './prepare.ts'
import { createEvents } from './report/events.ts'
import { createMetrics, type Metrics } from './report/metrics.ts'
import { createReport } from './report/report.ts'
import { keepCertificates } from './tls/certificates.ts'

/** A running service. */
export interface Service {
  /** The address of the webhook, or null if it is off. */
  readonly webhook: AddressInfo | null
  readonly metrics: AddressInfo
  /** Stops being ready, and hands leadership over. Requests that still arrive are answered, then their connections close. */
  drain(): void
  /** Why liveness fails, or null. */
  problem(): string | null
  /** Stops all parts, and releases the Lease. */
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
  /** How many lines the log has dropped. */
  readonly droppedLines: () => number
}

/** Starts the service, or lists every fault of its configuration and starts nothing. */
export async function startService(parts: StartParts): Promise<Started> {
  const { options, version, env, log, droppedLines } = parts
  const metrics = createMetrics({ version, runs: options })
  const preparation = await prepare(options, env, metrics)
  if (!preparation.ok) return preparation
  return { ok: true, service: await start({ ...preparation.prepared, options, log, droppedLines, metrics }) }
}

/** Requests that the controller need not parse again, 700 of stock kubelets: in a burst, those between create and approval. */
const READINGS_MAX_BYTES = 2 * 1_048_576
/** For Events that are under way when all ends. */
const EVENTS_DRAIN_MS = 2_000

interface Parts extends Prepared, Pick<StartParts, 'options' | 'log' | 'droppedLines'> {
  readonly metrics: Metrics
}

async function start(parts: Parts): Promise<Service> {
  const { options, cluster, log, metrics } = parts
  const { clock } = cluster
  const readings = new Readings(readUnverified, READINGS_MAX_BYTES)
  const read = (request: string) => readings.read(request)
  const lists = createLists({ cluster, log, instruments: metrics, read })
  const gatherer = new ClusterGatherer({ ...lists, apiServer: () => cluster.apiServer() }, read)
  const policy = watchPolicy({ path: options.policy, first: parts.rules, log, instruments: metrics })
  const activity = new Activity(clock)
  const events = createEvents({
    api: cluster,
    clock,
    log,
    instruments: metrics,
    identity: options.identity,
    busy: () => activity.isBusy(),
  })
  const rules = () => policy.rules()
  const mayWrite = () => options.controller && rules().settings.mode !== 'audit'
  const report = createReport({ log, metrics, clock, events: () => (mayWrite() ? events : null) })
  const judge = createJudge({ gatherer, readings, rules, clock, log })
  metrics.pendingFrom(() => pendingOf(lists.csrs.values(), clock.serverNow()))

  const webhook = await openWebhook(parts, { judge, report, rules })
  const probes = await openProbes({ ...parts, address: options.metricsListen }, readyChecks(lists, webhook))
  const controller = openController(parts, { judge, report, rules }, { lists, activity, picture: gatherer })
  if (controller !== null) probes.require({ name: 'controller', problem: () => controller.problem() })
  policy.subscribe(() => controller?.rejudge())
  lists.onReservations(() => controller?.rejudge())
  lists.start()
  return {
    webhook: webhook?.address ?? null,
    metrics: probes.address,
    drain() {
      probes.drain()
      controller?.stepDown()
      webhook?.drain()
    },
    problem: () => probes.problem(),
    async stop() {
      probes.drain()
      await Promise.all([webhook?.stop(), controller?.stop()])
      await events.drain(EVENTS_DRAIN_MS)
      policy.stop()
      await Promise.all([lists.stop(), probes.stop()])
      await cluster.close()
    },
  }
}

/** What the webhook and the controller share. */
interface Judging {
  readonly judge: Judge
  readonly report: Report
  /** The policy in force. */
  readonly rules: () => Rules
}

interface OpenWebhook {
  readonly address: AddressInfo
  /** Why the serving certificate is not usable, or null. For readiness. */
  problem(): string | null
  drain(): void
  stop(): Promise<void>
}

/** Null if the webhook is off. In self-signed mode it listens before it has a certificate; until then handshakes fail. */
async function openWebhook(parts: Parts, judging: Judging): Promise<OpenWebhook | null> {
  const { options, cluster, log, metrics, certificate } = parts
  if (!options.webhook || options.tls === null) return null
  const { clock } = cluster
  // Fastify is a tenth of the memory of a process that runs only the controller.
  const { createWebhookServer } = await import('./admission/server.ts')
  const server = createWebhookServer({ ...judging, certificate, instruments: metrics, clock, log })
  const address = await server.listen(options.webhookListen)
  log.info({ address: address.address, port: address.port }, 'serving the webhook')
  const serve = (pair: { readonly cert: string; readonly key: string }) => server.serveCertificate(pair)
  const certificates = keepCertificates(options.tls, certificate, {
    api: cluster,
    clock,
    log,
    instruments: metrics,
    serve,
  })
  return {
    address,
    problem: () => certificates.problem(),
    drain: () => server.drain(),
    stop: async () => void (await Promise.all([server.close(), certificates.stop()])),
  }
}

interface OpenController extends Pick<Controller, 'rejudge' | 'problem'> {
  /** With a Lease: starts to stop, so that another replica can take over. Without a Lease: does nothing. */
  stepDown(): void
  /** Finishes the work in progress, then releases the Lease. */
  stop(): Promise<void>
}

/** Null if the controller is off. */
function openController(
  parts: Parts,
  { judge, report, rules }: Judging,
  {
    lists,
    activity,
    picture,
  }: { readonly lists: Lists; readonly activity: Activity; readonly picture: Picture },
): OpenController | null {
  const { options, cluster, log, metrics } = parts
  if (!options.controller) return null
  const { clock } = cluster
  const leadership = startElection(options.lease, {
    identity: options.identity,
    api: cluster,
    clock,
    log,
    instruments: metrics,
    able: () => lists.followed(),
  })
  const controller = startController({
    csrs: lists.csrs,
    nodes: lists.nodes,
    judge,
    picture,
    report,
    api: cluster,
    clock,
    settings: () => rules().settings,
    webhookEnabled: options.webhook,
    isLeader: () => leadership.isLeader(),
    instruments: metrics,
    activity,
    log,
  })
  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= controller.stop().then(() => leadership.stop()))
  return {
    rejudge: () => controller.rejudge(),
    problem: () => controller.problem(),
    stepDown: () => void (options.lease !== null && stop()),
    stop,
  }
}

/** Depends neither on leadership nor on the API server, so that an outage does not empty the Service's endpoints. */
function readyChecks(lists: Lists, webhook: OpenWebhook | null): HealthCheck[] {
  const synced = {
    name: 'lists',
    problem: () => (lists.synced() ? null : 'not all lists have been read yet'),
  }
  return webhook === null ? [synced] : [synced, { name: 'certificate', problem: () => webhook.problem() }]
}
