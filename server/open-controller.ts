import { rulesFor } from '../policies/pools.ts'
import type { Activity } from './controller/activity.ts'
import { type Controller, startController } from './controller/controller.ts'
import { Issuance } from './controller/issuance.ts'
import { startElection } from './controller/lease.ts'
import type { Lists } from './lists.ts'
import type { Judging, Parts } from './parts.ts'
import type { Notice, Picture } from './ports.ts'

export interface OpenController extends Pick<Controller, 'rejudge' | 'problem'> {
  /** With a Lease: starts to stop, so that another replica can take over. Without a Lease: does nothing. */
  stepDown(): void
  /** Finishes the work in progress, then releases the Lease. */
  stop(): Promise<void>
}

interface ControllerSources {
  readonly lists: Lists
  readonly activity: Activity
  readonly picture: Picture
  readonly notify: (notice: Notice) => void
}

/** Null if the controller is off. */
export function openController(
  parts: Parts,
  { judge, report, rules }: Judging,
  { lists, activity, picture, notify }: ControllerSources,
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
  const isLeader = () => leadership.isLeader()
  const issuance = new Issuance({ ...lists, isLeader, clock, log, instruments: metrics, notify })
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
    isLeader,
    isPaused: () => cluster.isPaused(),
    instruments: metrics,
    activity,
    log,
  })
  let stopped: Promise<void> | undefined
  const stop = () => {
    issuance.stop()
    return (stopped ??= controller.stop().then(() => leadership.stop()))
  }
  return {
    rejudge: () => controller.rejudge(),
    problem: () => controller.problem(),
    stepDown: () => void (options.lease !== null && stop()),
    stop,
  }
}
