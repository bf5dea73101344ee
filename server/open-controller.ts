import { rulesFor } from '../policies/pools.ts'
import type { Activity } from './controller/activity.ts'
import { type Controller, startController } from './controller/controller.ts'
import { Issuance } from './controller/issuance.ts'
import { startElection } from './controller/lease.ts'
import type { ClusterGatherer } from './facts/gather.ts'
import { Keeper } from './ledger/keeper.ts'
import type { Ledger } from './ledger/ledger.ts'
import { pendingOf } from './facts/stored-csr.ts'
import type { NodeGrants } from './facts/grants.ts'
import type { Lists } from './lists.ts'
import type { Judging, Parts } from './parts.ts'
import type { Notice } from './ports.ts'
import type { NodeNotice } from './report/node-event.ts'

export interface OpenController extends Pick<Controller, 'rejudge' | 'problem'> {
  /** With a Lease: starts to stop, so that another replica can take over. Without a Lease: does nothing. */
  stepDown(): void
  /** Finishes the work in progress, then releases the Lease. */
  stop(): Promise<void>
}

interface ControllerSources {
  readonly lists: Lists
  readonly activity: Activity
  readonly gatherer: ClusterGatherer
  readonly ledger: Ledger
  readonly notify: (notice: Notice | NodeNotice) => void
}

/** Null if the controller is off. */
export function openController(
  parts: Parts,
  { judge, report, rules }: Judging,
  { lists, activity, gatherer, ledger, notify }: ControllerSources,
): OpenController | null {
  const { options, cluster, log, metrics } = parts
  if (!options.controller) return null
  const { clock } = cluster
  const leadership = elect(parts, lists)
  const isLeader = () => leadership.isLeader()
  const issuance = new Issuance({ ...lists, isLeader, clock, log, recorder: metrics, notify })
  const controller = startController({
    ...lists,
    judge,
    picture: gatherer,
    report,
    api: cluster,
    clock,
    settings: (username) => rulesFor(rules(), username).settings,
    webhookEnabled: options.webhook,
    isLeader,
    isPaused: () => cluster.isPaused(),
    recorder: metrics,
    activity,
    log,
  })
  countApprovable(parts, lists, controller)
  const keeper = openKeeper(parts, { lists, activity, gatherer, ledger, notify }, { rules, isLeader })
  ledger.onRead(() => controller.rejudge())
  let stopped: Promise<void> | undefined
  const stop = () => {
    issuance.stop()
    return (stopped ??= controller
      .stop()
      .then(() => keeper.stop())
      .then(() => leadership.stop()))
  }
  return {
    rejudge: () => controller.rejudge(),
    problem: () => controller.problem(),
    stepDown: () => void (options.lease !== null && stop()),
    stop,
  }
}

/** Only a replica whose lists are followed campaigns. */
function elect({ options, cluster, log, metrics }: Parts, lists: Lists): ReturnType<typeof startElection> {
  return startElection(options.lease, {
    identity: options.identity,
    api: cluster,
    clock: cluster.clock,
    log,
    recorder: metrics,
    able: () => lists.followed(),
  })
}

/** Shows at each scrape how many CSRs this replica may still approve. */
function countApprovable(
  { metrics, cluster: { clock } }: Parts,
  { csrs }: Lists,
  controller: Controller,
): void {
  metrics.approvableFrom(() =>
    pendingOf(csrs.values(), clock.serverNow(), (stored) => controller.isApprovable(stored)),
  )
}

function releaseOf({ text, holder }: { readonly text: string; readonly holder: NodeGrants }): NodeNotice {
  const note = `${text} is no longer held by this Node: an operator released it`
  return { node: { name: holder.node, uid: holder.uid }, action: 'Release', reason: 'Released', note }
}

function openKeeper(
  { options, cluster, log, metrics }: Parts,
  { lists, activity, gatherer, ledger, notify }: ControllerSources,
  { rules, isLeader }: Pick<Judging, 'rules'> & { readonly isLeader: () => boolean },
): Keeper {
  const keeper = new Keeper({
    ...lists,
    ledger,
    place: options.ledger,
    rules,
    api: cluster,
    clock: cluster.clock,
    log,
    isLeader,
    mayWrite: () => rules().settings.mode !== 'dryRun',
    isInformed: () => lists.followed(),
    busy: () => activity.isBusy(),
    wrote: (result) => metrics.ledgerWritten(result),
    tellReleased: (released) => notify(releaseOf(released)),
  })
  gatherer.onApproval((facts) => keeper.noteApproval(facts))
  return keeper
}
