/**
 * Puts the parts of the service together. An AdmissionReview: webhook → judge → report → answer. A stored CSR:
 * informer → controller → the same judge → act → report.
 */
import type { AddressInfo } from 'node:net'
import { nodeUser } from '../policies/node-name.ts'
import { rulesFor } from '../policies/pools.ts'
import { isLeftToOthers } from '../policies/evaluate.ts'
import type { Rules } from '../policies/rules.ts'
import { Activity } from './controller/activity.ts'
import { createJudges } from './judges.ts'
import { pendingOf } from './facts/stored-csr.ts'
import { unissuedOf } from './facts/unissued.ts'
import type { Lists } from './lists.ts'
import type { HealthCheck } from './observe.ts'
import { openProbes } from './probes.ts'
import type { ServeOptions } from './options.ts'
import { startPoolCensus } from './policy/pool-census.ts'
import { watchPolicy } from './policy/watch.ts'
import { openFacts } from './open-facts.ts'
import { openController } from './open-controller.ts'
import { openKeeping, openWebhook, type OpenWebhook } from './open-webhook.ts'
import type { Parts } from './parts.ts'
import type { Log, Notice, Report } from './ports.ts'
import { prepare } from './prepare.ts'
import { createEvents, type Events } from './report/events.ts'
import { MetricsRecorder } from './report/recorder.ts'
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
  const metrics = new MetricsRecorder({ version, runs: options })
  const preparation = await prepare(options, env, metrics)
  if (!preparation.ok) return preparation
  return { ok: true, service: await start({ ...preparation.prepared, options, log, droppedLines, metrics }) }
}

/** For Events that are under way when all ends. */
const EVENTS_DRAIN_MS = 2_000

async function start(parts: Parts): Promise<Service> {
  const { options, cluster, log, metrics } = parts
  const { clock } = cluster
  const issuers = new Issuers(() => cluster.authorities())
  const policy = watchPolicy({ path: options.policy, first: parts.rules, log, recorder: metrics })
  const rules = () => policy.rules()
  const facts = openFacts(parts, { examine: createExamine(issuers), rules })
  const { lists, readings, gatherer, ledger } = facts
  const activity = new Activity(clock)
  const sharedCa = () => issuers.sharedCa()
  const { events, report, notify } = openReport(parts, rules, { activity, sharedCa })
  const judges = createJudges({ gatherer, nodes: lists.nodes, readings, rules, clock, log })
  const judging = { ...judges, report, rules }
  countWaiting(parts, lists, rules)
  metrics.sharedCaFrom(sharedCa)

  const webhook = await openWebhook(parts, judging)
  const keeping = openKeeping(parts)
  const probes = await openProbes({ ...parts, address: options.metricsListen }, readyChecks(lists, webhook))
  const controller = openController(parts, judging, { lists, activity, gatherer, ledger, notify })
  if (controller !== null) probes.require({ name: 'controller', problem: () => controller.problem() })
  const census = startPoolCensus({ policy, nodes: lists.nodes, log })
  for (const changing of [policy, facts]) changing.subscribe(() => controller?.rejudge())
  facts.start()
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
      census.stop()
      await Promise.all([facts.stop(), probes.stop()])
      await cluster.close()
    },
  }
}

interface Reporting {
  readonly events: Events
  readonly report: Report
  /** Writes an Event about what comes after a decision. */
  readonly notify: (notice: Notice | NodeNotice) => void
}

function openReport(
  parts: Parts,
  rules: () => Rules,
  { activity, sharedCa }: { readonly activity: Activity; readonly sharedCa: Issuers['sharedCa'] },
): Reporting {
  const { options, cluster, log, metrics } = parts
  const { clock } = cluster
  const events = openEvents(parts, activity)
  const mayWrite = (username: string) =>
    options.controller && rulesFor(rules(), username).settings.mode !== 'dryRun'
  const eventsFor = (username: string) => (mayWrite(username) ? events : null)
  return {
    events,
    report: createReport({ log, metrics, clock, sharedCa, events: eventsFor }),
    notify: (notice) =>
      eventsFor('node' in notice ? nodeUser(notice.node.name) : notice.username)?.notify(notice),
  }
}

/** Shows at each scrape how many CSRs wait for a decision, and how many for the signer. */
function countWaiting({ metrics, cluster: { clock } }: Parts, { csrs }: Lists, rules: () => Rules): void {
  metrics.waitingFrom(
    () => {
      const { settings } = rules()
      return pendingOf(
        csrs.values(),
        clock.serverNow(),
        ({ username }) => !isLeftToOthers(username, settings),
      )
    },
    () => unissuedOf(csrs.values(), clock.serverNow()),
  )
}

function openEvents({ options, cluster, log, metrics }: Parts, activity: Activity): Events {
  return createEvents({
    api: cluster,
    clock: cluster.clock,
    log,
    recorder: metrics,
    identity: options.identity,
    busy: () => activity.isBusy(),
  })
}

/** Depends neither on leadership nor on the API server, so that an outage does not empty the Service's endpoints. */
function readyChecks(lists: Lists, webhook: OpenWebhook | null): HealthCheck[] {
  const synced = {
    name: 'lists',
    problem: () => (lists.synced() ? null : 'not all lists have been read yet'),
  }
  return webhook === null ? [synced] : [synced, { name: 'certificate', problem: () => webhook.problem() }]
}
