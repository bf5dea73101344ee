import { defineCheck } from '../check.ts'
import { isApprover } from './approver-is-alone.ts'
import { ifKnown, severityOfWait } from './outcomes.ts'

const SUBJECT = 'Approvers'
/** Every known approver takes seconds. */
const WAITS_MS = 60_000
const TOO_EARLY =
  'CSRs wait for less than a minute, and no known approver is installed: run this again in a minute'

export const somebodyApproves = defineCheck({
  id: 'SomebodyApproves',
  asks: 'Whether CSRs wait while no known approver is installed. Kubernetes itself never approves kubelet-serving CSRs.',
  kinds: {
    NoApprover: {
      severity: 'warning',
      means:
        'Kubelets ask, and nobody answers. Until then they serve nothing, and kubectl logs fails with `tls: internal error`. Critical where the API server verifies kubelets and one of them has no certificate.',
      fix: [
        { about: 'See what would be approved', run: 'kubelet-csr-gate approve --dry-run' },
        { about: 'Approve what conforms, now and from here', run: 'kubelet-csr-gate approve' },
        { about: 'Then install an approver: certificates are renewed within the year' },
      ],
    },
  },
  run: (facts) => {
    const { workloads, csrs, now } = facts
    return ifKnown(workloads, SUBJECT, (known) =>
      ifKnown(csrs, SUBJECT, (all) => {
        const pending = all.filter(({ state }) => state === 'pending')
        if (pending.length === 0) return [{ kind: 'ok', evidence: 'no CSR waits', subject: SUBJECT }]
        if (known.some(isApprover))
          return [{ kind: 'ok', evidence: 'an approver is installed', subject: SUBJECT }]
        const waiting = pending.filter(({ createdAt }) => now - createdAt > WAITS_MS)
        const [first] = waiting
        if (first === undefined) return [{ kind: 'notVisible', evidence: TOO_EARLY, subject: SUBJECT }]
        const wait = waiting.length === 1 ? '1 CSR waits' : `${waiting.length} CSRs wait`
        const evidence = `${wait}, and no Deployment or DaemonSet is of a known approver`
        const severity = severityOfWait(facts)
        return [{ kind: 'found', code: 'NoApprover', subject: SUBJECT, evidence, severity }]
      }),
    )
  },
})
