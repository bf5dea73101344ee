import { nodeUser } from '../../../policies/node-name.ts'
import { rulesFor } from '../../../policies/pools.ts'
import { defineCheck } from '../check.ts'
import type { CsrFacts, Facts } from '../facts.ts'
import { isApprover, isOurs } from './approver-is-alone.ts'
import { found, ifKnown, notVisible, ok, severityOfWait } from './outcomes.ts'

/** Every known approver takes seconds. */
const WAITS_MS = 60_000
const TOO_EARLY =
  'CSRs have been pending for less than a minute, and no known approver is installed. Run this again in a minute'

const waits = (csrs: number): string => (csrs === 1 ? '1 CSR is pending' : `${csrs} CSRs are pending`)

export const somebodyApproves = defineCheck({
  id: 'SomebodyApproves',
  subject: 'Approvers',
  asks: 'Whether CSRs are pending while no known approver is installed, or while the installed policy approves nothing. Kubernetes itself never approves kubelet-serving CSRs.',
  kinds: {
    NoApprover: {
      severity: 'warning',
      means:
        'Kubelets request certificates, and nobody approves. Kubelets without a certificate serve nothing, and kubectl logs fails with `tls: internal error`. Critical where the API server verifies kubelets and one of them has no certificate.',
      fix: [
        { about: 'See what would be approved', run: 'kubelet-csr-gate approve --dry-run' },
        { about: 'Approve conforming CSRs now, from this machine', run: 'kubelet-csr-gate approve' },
        { about: 'Then install an approver, because kubelets renew their certificates' },
      ],
    },
    DryRun: {
      severity: 'warning',
      means:
        'The installed policy, or a pool of it, has mode dryRun, which approves nothing. Kubelets wait for another approver. Critical where the API server verifies kubelets and one of them has no certificate.',
      fix: [
        {
          about:
            'In the values of the release, set policy.mode, or mode of the pool, to enforce, or to approveOnly, which refuses nothing. Then upgrade the release',
        },
      ],
    },
  },
  run: (facts) => {
    const { workloads, csrs, now } = facts
    return ifKnown(workloads, (known) =>
      ifKnown(csrs, (all) => {
        const pending = all.filter(({ state }) => state === 'pending')
        if (pending.length === 0) return [ok('no CSR is pending')]
        const approvers = known.filter(isApprover)
        const dryRun = dryRunOf(pending, facts)
        if (dryRun !== null && approvers.length > 0 && approvers.every(isOurs)) return [dryRun]
        if (approvers.length > 0) return [ok('an approver is installed')]
        const waiting = pending.filter(({ createdAt }) => now - createdAt > WAITS_MS)
        const [first] = waiting
        if (first === undefined) return [notVisible(TOO_EARLY)]
        const evidence = `${waits(waiting.length)}, and no Deployment or DaemonSet has the image of a known approver`
        const severity = severityOfWait(facts)
        return [found('NoApprover', evidence, { severity })]
      }),
    )
  },
})

/** What is found where CSRs wait that the policy of their Nodes never approves. */
function dryRunOf(pending: readonly CsrFacts[], facts: Facts) {
  const { policy } = facts
  if (!policy.known) return null
  const modes = pending.map(({ node }) => rulesFor(policy.value, nodeUser(node)))
  const dry = modes.filter(({ settings }) => settings.mode === 'dryRun')
  const [first] = dry
  if (first === undefined) return null
  const where = first.pool === null ? 'policy.mode' : `the mode of pool ${first.pool}`
  return found('DryRun', `${waits(dry.length)}, and ${where} of kubelet-csr-gate is dryRun`, {
    severity: severityOfWait(facts),
  })
}
