/** Read first: every part of the service, and what each is given. The command line opens the same parts. */
import type { AddressInfo } from 'node:net'
import { poolOf, rulesFor } from '../policies/pools.ts'
import type { Rules } from '../policies/rules.ts'
import { dials } from '../policies/seen.ts'
import { startWebhook, type Webhook } from './admission/webhook.ts'
import { Activity } from './controller/activity.ts'
import { startApproving } from './controller/approving.ts'
import type { Component, Config } from './config.ts'
import { type ConfigWatchParts, watchConfig } from './config-watch.ts'
import { FactCache } from './facts/fact-cache.ts'
import { createInformers } from './facts/informers.ts'
import { ParsedRequests } from './facts/parsed-requests.ts'
import { createResolver } from './dns/resolver.ts'
import type { StoredCsr } from './facts/stored-csr.ts'
import { startHealth } from './health/health.ts'
import type { HealthCheck } from './health/server.ts'
import { countWaiting } from './health/waiting.ts'
import { loadInputs } from './inputs.ts'
import { createBootstrapJudge } from './facts/bootstrap-judge.ts'
import { NewNodes } from './facts/new-nodes.ts'
import { createJudge } from './judge.ts'
import type { ClusterSource } from './kube/kubeconfig.ts'
import type { Cluster } from './kube/transport.ts'
import { provenIn } from './ledger/keys.ts'
import { type InstalledLedger, openLedger } from './ledger/open-ledger.ts'
import type { LedgerPlace } from './ledger/shard.ts'
import { readUnverified } from './pkcs10/request.ts'
import { startPoolCensus } from './policy/pool-census.ts'
import type { Recorder, Log, Resolver } from './ports.ts'
import { runsOf } from './runs.ts'
import { createProber, type KubeletsOptions } from './probe/create-prober.ts'
import { MetricsRecorder } from './report/recorder.ts'
import { createReporting } from './report/reporting.ts'
import { keepForOthers } from './tls/certificates.ts'
import { createSources, type SourcesOfTruth } from './truth/sources.ts'
import { createCompareIssued } from './x509/compare-issued.ts'
import { SigningCa } from './x509/signing-ca.ts'

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

/** The config file, and what only this process knows. */
export interface StartOptions {
  readonly file: Pick<ConfigWatchParts, 'path' | 'config' | 'rules'>
  readonly component: Component
  readonly api: ClusterSource
  /** The name of this process in the Lease and in Events: the pod's name. */
  readonly identity: string
  readonly version: string
  readonly log: Log
  /** How many lines the log has dropped. */
  readonly droppedLines: () => number
}

/** Requests that the controller need not parse again, 700 of stock kubelets: in a burst, those between create and approval. */
const PARSED_MAX_BYTES = 2 * 1_048_576
/** For Events that are under way when all ends. */
const EVENTS_DRAIN_MS = 2_000

/** Starts the service, or lists every fault of its configuration and starts nothing. */
export async function startService(given: StartOptions): Promise<Started> {
  const { file, component, api, identity, version, log, droppedLines } = given
  const { config } = file
  const runs = runsOf(component, config)
  const recorder = new MetricsRecorder({ version, runs })
  const loaded = await loadInputs({ config, runs, api, recorder })
  if (!loaded.ok) return loaded
  const { cluster, managementCluster, certificate, clientCa, kubeletCa } = loaded.inputs
  const { clock } = cluster
  const policy = watchConfig({ ...file, log, recorder })
  const rules = () => policy.rules()

  const base = { config, cluster, log, recorder }
  const resolver = createResolver(config.sources.dns.servers, () => clock.monotonic())
  const truth = runs.judgesStored ? createSources({ ...base, managementCluster, resolver }) : null
  const kubelets = runs.judgesStored ? { port: config.kubelet.port, ca: kubeletCa, recorder } : null
  const ledgerPlace = ledgerPlaceIn(config)
  const judging = openJudging({ ...base, rules, installedLedger: ledgerPlace, kubelets, resolver, truth })
  const { informers, ledger, sharedCa } = judging

  const activity = new Activity(clock)
  const { report, notify, drain } = createReporting({
    ...base,
    identity,
    mayWrite: (username) => runs.controller && rulesFor(rules(), username).settings.mode !== 'dryRun',
    busy: () => activity.isBusy(),
    sharedCa,
  })
  const answering = { ...base, judging, rules, report, certificate, clientCa }
  const webhook = runs.webhook ? await startWebhook(answering) : null
  const certificates = keepForOthers(runs, { config, api: cluster, clock, log, recorder })
  const deciding = { ...base, identity, ledgerPlace, judging, rules, activity, report, notify }
  const controller = runs.controller ? startApproving(deciding) : null
  const health = await startHealth({
    config,
    readiness: readiness(informers, webhook),
    liveness: controller === null ? [] : [{ name: 'controller', problem: () => controller.problem() }],
    droppedLines,
    log,
    recorder,
  })
  const census = startPoolCensus({ policy, nodes: informers.nodes, log })
  recorder.sharedCaFrom(sharedCa)
  recorder.ledgerFrom(() => ledger.size())
  const isApprovable = controller && ((csr: StoredCsr) => controller.isApprovable(csr))
  countWaiting(recorder, { csrs: informers.csrs, isApprovable, rules, clock })
  policy.subscribe(() => controller?.rejudge())
  judging.start()
  return {
    ok: true,
    service: {
      webhook: webhook?.address ?? null,
      metrics: health.address,
      problem: () => health.problem(),
      drain() {
        health.drain()
        controller?.stepDown()
        webhook?.drain()
      },
      async stop() {
        health.drain()
        await Promise.all([webhook?.stop(), controller?.stop(), certificates?.stop()])
        await drain(EVENTS_DRAIN_MS)
        policy.stop()
        census.stop()
        await Promise.all([judging.stop(), health.stop()])
        await cluster.close()
      },
    },
  }
}

/** Null: the ledger is kept in memory only. */
function ledgerPlaceIn({ namespace, ledger: { name } }: Config): LedgerPlace | null {
  return name === '' ? null : { namespace, name }
}

/** Depends neither on leadership nor on the API server, so that an outage does not empty the Service's endpoints. */
function readiness(informers: Judging['informers'], webhook: Webhook | null): readonly HealthCheck[] {
  const problem = () => (informers.synced() ? null : 'not all lists have been read yet')
  const lists = { name: 'lists', problem }
  return webhook === null ? [lists] : [lists, { name: 'certificate', problem: () => webhook.problem() }]
}

interface JudgingDependencies {
  readonly cluster: Cluster
  /** The policy in force. */
  readonly rules: () => Rules
  readonly installedLedger: InstalledLedger
  /** Null: nobody is dialled, and what depends on who answers is not known. */
  readonly kubelets: KubeletsOptions | null
  /** Where names lead in DNS, for who dials. Absent: nobody asks. */
  readonly resolver?: Resolver
  /** Null: no source of truth is asked. */
  readonly truth: SourcesOfTruth | null
  readonly log: Log
  readonly recorder: Recorder
}

export type Judging = ReturnType<typeof openJudging>

/** The caches of a cluster, not filled yet, and the judgement that draws on them. */
export function openJudging(given: JudgingDependencies) {
  const { cluster, rules, installedLedger, kubelets, resolver, truth, log, recorder } = given
  const { clock } = cluster
  const signingCa = new SigningCa(() => cluster.authorities())
  const parsed = new ParsedRequests(readUnverified, PARSED_MAX_BYTES)
  const read = (request: string) => parsed.read(request)
  const informers = createInformers({
    cluster,
    read,
    compareIssued: createCompareIssued(signingCa),
    log,
    recorder,
  })
  const { nodes, csrs, reservations, serviceAddresses } = informers
  const { ledger, grants, shards, problem } = openLedger({ installedLedger, cluster, log, recorder })
  const clusterCa = () => cluster.clusterCa()
  const reserved = () => facts.reserved()
  const proven = () => provenIn(ledger.all())
  const prober = kubelets && createProber({ kubelets, clusterCa, reserved, proven, rules, clock, log })
  const apiServer = () => cluster.apiServer()
  const now = () => clock.serverNow()
  const dialsNode = (node: string) => dials(poolOf(rules(), node)?.rules ?? rules())
  const lists = { nodes, csrs, reservations, serviceAddresses }
  const elsewhere = kubelets === null || kubelets.elsewhere === true
  const looks = { prober, elsewhere, dials: dialsNode, resolver: kubelets && resolver }
  const sources = { ...lists, ...looks, apiServer, ledger: grants, now }
  const facts = new FactCache(sources, read, truth ?? undefined)
  const judge = createJudge({ facts, newNodes: new NewNodes(nodes, clock), parsed, clock, log })
  return {
    informers,
    shards,
    ledger,
    facts,
    judge,
    judgeBootstrap: createBootstrapJudge({ facts, parsed }),
    sharedCa: () => signingCa.sharedCa(),
    /** Whether every list was read once, or could not be. */
    tried: () => informers.tried() && (shards?.isTried() ?? true),
    /** Why not everything is known, null if it is. */
    problem: () => facts.problem() ?? problem,
    /** Calls `listener` after each change that may concern any CSR. */
    subscribe(listener: () => void): void {
      informers.onReservations(listener)
      truth?.subscribe(listener)
    },
    start(): void {
      for (const part of [informers, shards, truth]) part?.start()
    },
    async stop(): Promise<void> {
      await Promise.all([informers.stop(), shards?.stop(), truth?.stop(), prober?.stop()])
    },
  }
}
