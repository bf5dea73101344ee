import { rulesFor } from '../policies/pools.ts'
import type { Activity } from './controller/activity.ts'
import { type Controller, startController } from './controller/controller.ts'
import { startElection } from './controller/lease.ts'
import type { Lists } from './lists.ts'
import type { Judging, Parts } from './parts.ts'
import type { Picture } from './ports.ts'

export interface OpenController extends Pick<Controller, 'rejudge' | 'problem'> {
  /** With a Lease: starts to stop, so that another replica can take over. Without a Lease: does nothing. */
  stepDown(): void
  /** Finishes the work in progress, then releases the Lease. */
  stop(): Promise<void>
}

/** Null if the controller is off. */
export function openController(
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
    settings: (username) => rulesFor(rules(), username).settings,
    webhookEnabled: options.webhook,
    isLeader: () => leadership.isLeader(),
    isPaused: () => cluster.isPaused(),
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
