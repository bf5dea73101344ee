import { decideWithoutChecks } from '../policies/evaluate.ts'
import { nodeName } from '../policies/node-name.ts'
import { rulesFor } from '../policies/pools.ts'
import type { Rules } from '../policies/rules.ts'
import { Activity } from './controller/activity.ts'
import { startController } from './controller/controller.ts'
import type { Cluster } from './kube/transport.ts'
import { type InstalledLedger, openJudging } from './open-judging.ts'
import type { Recorder, Judge, Log, Report } from './ports.ts'

interface ApproverParts {
  readonly cluster: Cluster
  readonly rules: Rules
  readonly ledger: InstalledLedger
  /** Whether the CSRs of a node are this approver's; others are left alone. */
  readonly wants: (node: string) => boolean
  /** Called once for each decision, and again when it changes. */
  readonly report: Report
  readonly log: Log
  readonly recorder: Recorder
}

/** An approver without a webhook, a Lease and a port. */
export interface Approver {
  /** Finishes the work in progress. Approves nothing afterwards. */
  stop(): Promise<void>
}

/**
 * Starts the controller of the service in this process, for the time between `kubeadm init` and the chart. It needs no
 * Lease: two controllers that decide about one CSR come to one decision, and only one write of it succeeds.
 */
export function openApprover({ wants, rules, report, ...parts }: ApproverParts): Approver {
  const { cluster, log, recorder } = parts
  const { clock } = cluster
  const { lists, gatherer, judges } = openJudging({ ...parts, rules: () => rules })
  const controller = startController({
    csrs: lists.csrs,
    nodes: lists.nodes,
    judge: onlyFor(wants, judges.judge, rules.hash),
    picture: gatherer,
    report,
    api: cluster,
    clock,
    settings: (username) => rulesFor(rules, username).settings,
    webhookEnabled: false,
    isLeader: () => true,
    isPaused: () => cluster.isPaused(),
    recorder,
    activity: new Activity(clock),
    log,
  })
  lists.onReservations(() => controller.rejudge())
  lists.start()
  return {
    async stop() {
      await controller.stop()
      await lists.stop()
    },
  }
}

function onlyFor(wants: ApproverParts['wants'], judge: Judge, policyHash: string): Judge {
  return async (subject) => {
    if (wants(nodeName(subject.csr.requester.username) ?? '')) return await judge(subject)
    const { component, csr, caller } = subject
    const request = { readable: false, code: 'NotRead', at: 0, message: 'the request was not read' } as const
    return {
      facts: { component, now: 0, csr, caller, request, cluster: null },
      decision: decideWithoutChecks('ForeignRequester', policyHash, 'the node was not named'),
    }
  }
}
