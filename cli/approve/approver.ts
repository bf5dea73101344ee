import { decideWithoutChecks } from '../../policies/evaluate.ts'
import { nodeName } from '../../policies/node-name.ts'
import type { Rules } from '../../policies/rules.ts'
import { Activity } from '../../server/controller/activity.ts'
import { startApproving } from '../../server/controller/approving.ts'
import { NOT_READ } from '../../server/judge.ts'
import type { InstalledLedger } from '../../server/ledger/open-ledger.ts'
import type { Judge, Report } from '../../server/ports.ts'
import { judgingIn } from '../cluster/judging.ts'
import type { Looking } from '../cluster/looking.ts'
import { quietRecorder, quietLog } from '../cluster/quiet.ts'
import type { Session } from '../cluster/session.ts'
import { waiving } from './waiving.ts'

interface ApproverOptions {
  readonly session: Pick<Session, 'cluster'>
  readonly rules: Rules
  readonly looking: Looking | null
  /** Names of CSRs that are approved without a look, where nobody could look. */
  readonly unproven: readonly string[]
  readonly installedLedger: InstalledLedger
  /** Whether the CSRs of a node are this approver's; others are left alone. */
  readonly wants: (node: string) => boolean
  /** Called once for each decision, and again when it changes. */
  readonly report: Report
}

/**
 * Starts the controller of the service in this process, for the time between `kubeadm init` and the chart. It needs no
 * Lease: two controllers that decide about one CSR come to one decision, and only one write of it succeeds.
 */
export function startApprover(options: ApproverOptions): { stop(): Promise<void> } {
  const { session, rules, looking, unproven, installedLedger, wants, report } = options
  const { cluster } = session
  const judging = judgingIn(session, installedLedger, rules, looking)
  const approving = startApproving({
    config: {
      namespace: '',
      leaderElection: { leaderElect: false, resourceName: '' },
      webhook: { enabled: false },
    },
    identity: '',
    ledgerPlace: null,
    cluster,
    judging: { ...judging, judge: onlyFor(wants, waiving(unproven, judging.judge)) },
    rules: () => rules,
    activity: new Activity(cluster.clock),
    report,
    notify: () => undefined,
    log: quietLog,
    recorder: quietRecorder,
  })
  judging.start()
  return {
    async stop() {
      await approving.stop()
      await judging.stop()
    },
  }
}

function onlyFor(wants: ApproverOptions['wants'], judge: Judge): Judge {
  return async (input, rules) => {
    if (wants(nodeName(input.csr.requester.username) ?? '')) return await judge(input, rules)
    const { purpose, csr, caller } = input
    return {
      facts: { purpose, now: 0, csr, caller, request: NOT_READ, cluster: null },
      decision: decideWithoutChecks('ForeignRequester', rules.hash, 'the node was not named'),
    }
  }
}
