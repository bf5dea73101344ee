/** The two components, each made ready to run beside the other or alone. */
import type { AddressInfo } from 'node:net'
import type { Rules } from '../policies/rules.ts'
import { createWebhookServer, type WebhookServer } from './admission/server.ts'
import { type Certificates, keepCertificates } from './certificates.ts'
import { LeaderElection } from './controller/lease.ts'
import { type Controller, startController } from './controller/controller.ts'
import type { Lists } from './lists.ts'
import type { ServeOptions } from './options.ts'
import type { Judge, Log, Report } from './ports.ts'
import type { Prepared } from './prepare.ts'
import type { Metrics } from './report/metrics.ts'

/** What both components are made of. */
export interface Parts extends Prepared {
  readonly options: ServeOptions
  readonly log: Log
  readonly metrics: Metrics
  readonly lists: Lists
}

export interface Judging {
  readonly judge: Judge
  readonly report: Report
  /** The policy in force. */
  readonly rules: () => Rules
}

export interface OpenWebhook {
  readonly webhook: WebhookServer
  readonly address: AddressInfo
  readonly certificates: Certificates
}

/** Null where the webhook is off. In self-signed mode it listens before it has a certificate, and no handshake succeeds. */
export async function openWebhook(parts: Parts, judging: Judging): Promise<OpenWebhook | null> {
  const { options, cluster, log, metrics, certificate } = parts
  if (!options.webhook || options.tls === null) return null
  const webhook = createWebhookServer({
    ...judging,
    certificate,
    instruments: metrics,
    clock: cluster.clock,
    log,
  })
  const address = await webhook.listen(options.webhookListen)
  log.info({ address: address.address, port: address.port }, 'the webhook listens')
  const certificates = keepCertificates(options.tls, certificate, { cluster, log, metrics, webhook })
  return { webhook, address, certificates }
}

export interface OpenController extends Pick<Controller, 'rejudge' | 'busy'> {
  /** Where others may take over: begins to stop. Without a Lease there is nobody, and the controller goes on. */
  stepDown(): void
  /** Ends what is under way, then gives the Lease back. */
  stop(): Promise<void>
}

/** Decisions wait this long for the first reading of all lists; later ones say what is missing. */
const SYNC_GRACE_MS = 15_000

/** Null where the controller is off. */
export function openController(parts: Parts, { judge, report, rules }: Judging): OpenController | null {
  const { options, lists, cluster, log, metrics } = parts
  if (!options.controller) return null
  const { clock } = cluster
  const startedAt = clock.monotonic()
  const mayDecide = () => lists.synced() || clock.monotonic() - startedAt > SYNC_GRACE_MS
  const leadership = leadBy(parts)
  const controller = startController({
    csrs: lists.csrs,
    nodes: lists.nodes,
    judge,
    report,
    api: cluster,
    clock,
    settings: () => rules().settings,
    webhookEnabled: options.webhook,
    isLeader: () => leadership.isLeader() && mayDecide(),
    instruments: metrics,
    log,
  })
  for (const list of lists.reservations()) list.subscribe(() => controller.rejudge())
  let stopped: Promise<void> | undefined
  const stop = (): Promise<void> => (stopped ??= controller.stop().then(() => leadership.stop()))
  return {
    rejudge: () => controller.rejudge(),
    busy: () => controller.busy(),
    stepDown: () => void (options.lease !== null && stop()),
    stop,
  }
}

/** Without a Lease this process is the only one. */
function leadBy({ options, cluster, log, metrics }: Parts): Pick<LeaderElection, 'isLeader' | 'stop'> {
  const { lease, identity } = options
  if (lease === null) {
    metrics.leader(true)
    return { isLeader: () => true, stop: async () => undefined }
  }
  const { clock } = cluster
  const election = new LeaderElection({ ...lease, identity, api: cluster, clock, log, instruments: metrics })
  election.start()
  return election
}
