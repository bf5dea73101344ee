import { approvesAny } from '../../policies/pools.ts'
import type { Rules } from '../../policies/rules.ts'
import type { NodeFacts } from '../../policies/types.ts'
import type { Config } from '../config.ts'
import type { FactCache } from '../facts/fact-cache.ts'
import type { Informers } from '../facts/informers.ts'
import type { StoredCsr } from '../facts/stored-csr.ts'
import type { Cluster } from '../kube/transport.ts'
import { LedgerReconciler } from '../ledger/reconciler.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { LedgerPlace } from '../ledger/shard.ts'
import type { Recorder, Judge, Log, Report, Store } from '../ports.ts'
import { releaseNotice } from '../report/event.ts'
import type { Notify } from '../report/reporting.ts'
import type { Activity } from './activity.ts'
import { type Controller, startController } from './controller.ts'
import { Issuance } from './issuance.ts'
import { startElection } from './lease.ts'

interface ApprovingDependencies {
  readonly config: Pick<Config, 'namespace' | 'leaderElection'> & {
    readonly webhook: Pick<Config['webhook'], 'enabled'>
  }
  /** The name of this process in the Lease. */
  readonly identity: string
  /** Null: the ledger is kept in memory only. */
  readonly ledgerPlace: LedgerPlace | null
  readonly cluster: Cluster
  readonly judging: {
    readonly informers: Pick<Informers, 'followed'> & {
      readonly csrs: Store<StoredCsr>
      readonly nodes: Store<NodeFacts>
    }
    readonly facts: FactCache
    readonly ledger: Ledger
    readonly judge: Judge
    /** Calls `listener` after each change that may concern any CSR. */
    readonly subscribe: (listener: () => void) => void
  }
  /** The policy in force. */
  readonly rules: () => Rules
  readonly activity: Activity
  readonly report: Report
  readonly notify: Notify
  readonly log: Log
  readonly recorder: Recorder
}

export interface Approving extends Controller {
  /** With leader election: starts to stop, so that another replica can take over. Without it: does nothing. */
  stepDown(): void
  /** Finishes the work in progress, writes the ledger, then releases the Lease. */
  stop(): Promise<void>
}

/** Starts all that writes: the controller and the ledger, while this replica leads, and who watches the signer. */
export function startApproving(dependencies: ApprovingDependencies): Approving {
  const { config, identity, ledgerPlace, cluster, judging } = dependencies
  const { rules, activity, notify, log, recorder } = dependencies
  const { informers, facts, ledger } = judging
  const { csrs, nodes } = informers
  const { clock } = cluster
  const able = () => informers.followed()
  const election = startElection(config, { identity, api: cluster, clock, log, recorder, able })
  const isLeader = () => election.isLeader()
  const issuance = new Issuance({ csrs, nodes, isLeader, clock, log, recorder, notify })
  const controller = startController({
    csrs,
    nodes,
    judge: judging.judge,
    facts,
    report: dependencies.report,
    api: cluster,
    clock,
    rules,
    webhookEnabled: config.webhook.enabled,
    isLeader,
    isPaused: () => cluster.isPaused(),
    recorder,
    activity,
    log,
  })
  const ledgerReconciler = new LedgerReconciler({
    ledger,
    place: ledgerPlace,
    nodes,
    csrs,
    rules,
    api: cluster,
    clock,
    log,
    isLeader,
    mayWrite: () => approvesAny(rules()),
    isInformed: able,
    busy: () => activity.isBusy(),
    wrote: (result) => recorder.ledgerWritten(result),
    tellReleased: ({ text, holder }) => notify(releaseNotice(text, { name: holder.node, uid: holder.uid })),
  })
  facts.onApproval((approved, by) => ledgerReconciler.noteApproval(approved, by))
  ledger.onRead(() => controller.rejudge())
  judging.subscribe(() => controller.rejudge())
  const stop = async (): Promise<void> => {
    issuance.stop()
    await controller.stop()
    await ledgerReconciler.stop()
    await election.stop()
  }
  let stopped: Promise<void> | undefined
  return {
    rejudge: () => controller.rejudge(),
    isApprovable: (csr) => controller.isApprovable(csr),
    problem: () => controller.problem(),
    stepDown: () => void (config.leaderElection.leaderElect && (stopped ??= stop())),
    stop: () => (stopped ??= stop()),
  }
}
