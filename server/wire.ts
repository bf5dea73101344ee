/**
 * Puts the parts of the service together. An AdmissionReview: webhook → judge → report → answer. A stored CSR:
 * informer → controller → the same judge → act → report.
 */
import type { AddressInfo } from 'node:net'
import type { Rules } from '../policies/rules.ts'
import { Activity } from './controller/activity.ts'
import { ClusterGatherer } from './facts/gather.ts'
import { createJudges } from './facts/judges.ts'
import { Readings } from './facts/readings.ts'
import { pendingOf, type ReadUnverified } from './facts/stored-csr.ts'
import { unissuedOf } from './facts/unissued.ts'
import { Ledger } from './ledger/ledger.ts'
import { createLists, type Lists } from './lists.ts'
import type { HealthCheck } from './observe.ts'
import { openProbes } from './probes.ts'
import type { ServeOptions } from './options.ts'
import { readUnverified } from './pkcs10/request.ts'
import { watchPolicy } from './policy/watch.ts'
import { openController } from './open-controller.ts'
import { openKeeping, openWebhook, type OpenWebhook } from './open-webhook.ts'
import type { Parts } from './parts.ts'
import type { Log, Notice } from './ports.ts'
import { prepare } from './prepare.ts'
import { createEvents } from './report/events.ts'
import { createMetrics } from './report/metrics.ts'
import type { NodeNotice } from './report/node-event.ts'
import { createReport } from './report/report.ts'
import { createExamine } from './x509/examine.ts'
import { Issuers } from './x509/issuers.ts'

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

async function start(parts: Parts): Promise<Service> {
  const { options, cluster, log, metrics } = parts
  const { clock } = cluster
  const readings = new Readings(readUnverified, READINGS_MAX_BYTES)
  const read = (request: string) => readings.read(request)
  const issuers = new Issuers(() => cluster.authorities())
  const lists = openLists(parts, read, issuers)
  const ledger = openLedger(lists, parts)
  const more = { apiServer: () => cluster.apiServer(), prober: null, now: () => clock.serverNow() }
  const gatherer = new ClusterGatherer({ ...lists, ...more, ledger }, read)
  const policy = watchPolicy({ path: options.policy, first: parts.rules, log, instruments: metrics })
  const activity = new Activity(clock)
  const busy = () => activity.isBusy()
  const events = createEvents({ ...options, api: cluster, clock, log, instruments: metrics, busy })
  const rules = () => policy.rules()
  const mayWrite = () => options.controller && rules().settings.mode !== 'audit'
  const sharedCa = () => issuers.sharedCa()
  const report = createReport({ log, metrics, clock, sharedCa, events: () => (mayWrite() ? events : null) })
  const judges = createJudges({ gatherer, nodes: lists.nodes, readings, rules, clock, log })
  const judging = { ...judges, report, rules }
  countWaiting(parts, lists, rules)
  metrics.sharedCaFrom(sharedCa)

  const webhook = await openWebhook(parts, judging)
  const keeping = openKeeping(parts)
  const probes = await openProbes({ ...parts, address: options.metricsListen }, readyChecks(lists, webhook))
  const notify = (notice: Notice | NodeNotice) => void (mayWrite() && events.notify(notice))
  const controller = openController(parts, judging, { lists, activity, gatherer, ledger, notify })
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
      await Promise.all([webhook?.stop(), controller?.stop(), keeping?.stop()])
      await events.drain(EVENTS_DRAIN_MS)
      policy.stop()
      await Promise.all([lists.stop(), probes.stop()])
      await cluster.close()
    },
  }
}

function openLists({ options, cluster, log, metrics }: Parts, read: ReadUnverified, issuers: Issuers): Lists {
  const examine = createExamine(issuers)
  return createLists({ cluster, log, instruments: metrics, read, examine, ledger: options.ledger })
}

function openLedger({ shards }: Lists, { options: { ledger: place }, metrics }: Parts): Ledger {
  const ledger = new Ledger(place === null || shards === null ? null : { place, store: shards })
  metrics.ledgerFrom(() => ledger.size())
  return ledger
}

/** Shows at each scrape how many CSRs wait for a decision, and how many for the signer. */
function countWaiting({ metrics, cluster: { clock } }: Parts, { csrs }: Lists, rules: () => Rules): void {
  metrics.waitingFrom(
    () => pendingOf(csrs.values(), clock.serverNow(), rules().settings),
    () => unissuedOf(csrs.values(), clock.serverNow()),
  )
}

/** Depends neither on leadership nor on the API server, so that an outage does not empty the Service's endpoints. */
function readyChecks(lists: Lists, webhook: OpenWebhook | null): HealthCheck[] {
  const synced = {
    name: 'lists',
    problem: () => (lists.synced() ? null : 'not all lists have been read yet'),
  }
  return webhook === null ? [synced] : [synced, { name: 'certificate', problem: () => webhook.problem() }]
}
