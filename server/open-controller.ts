import type { Activity } from './controller/activity.ts'
import { type Controller, startController } from './controller/controller.ts'
import { startElection } from './controller/lease.ts'
import type { ClusterGatherer } from './facts/gather.ts'
import { Keeper } from './ledger/keeper.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Lists } from './lists.ts'
import type { Judging, Parts } from './parts.ts'
import type { Events } from './report/events.ts'

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
  /** Null where nothing may be written. */
  readonly events: () => Events | null
}

/** Null if the controller is off. */
export function openController(
  parts: Parts,
  { judge, report, rules }: Judging,
  {
    lists,
    activity,
    gatherer,
    ledger,
    events,
  }: ControllerSources,
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
    picture: gatherer,
    report,
    api: cluster,
    clock,
    settings: () => rules().settings,
    webhookEnabled: options.webhook,
    isLeader: () => leadership.isLeader(),
    isPaused: () => cluster.isPaused(),
    instruments: metrics,
    activity,
    log,
  })
  const keeper = new Keeper({
    ...lists,
    ledger,
    place: options.ledger,
    rules,
    api: cluster,
    clock,
    log,
    isLeader: () => leadership.isLeader(),
    mayWrite: () => rules().settings.mode !== 'audit',
    isInformed: () => lists.followed(),
    busy: () => activity.isBusy(),
    wrote: (result) => metrics.ledgerWritten(result),
    tellReleased: ({ text, holder }) => events()?.about({ name: holder.node, uid: holder.uid }, released(text)),
  })
  gatherer.onApproval((facts) => keeper.noteApproval(facts))
  ledger.onRead(() => controller.rejudge())
  let stopped: Promise<void> | undefined
  const stop = () =>
    (stopped ??= controller
      .stop()
      .then(() => keeper.stop())
      .then(() => leadership.stop()))
  return {
    rejudge: () => controller.rejudge(),
    problem: () => controller.problem(),
    stepDown: () => void (options.lease !== null && stop()),
    stop,
  }
}

function released(text: string) {
  const note = `${text} is no longer held by this Node: an operator released it`
  return { action: 'Release', type: 'Normal', reason: 'Released', note } as const
}
