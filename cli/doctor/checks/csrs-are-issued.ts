import { oneLine } from '../../../policies/text.ts'
import { age } from '../../fleet/finding.ts'
import { defineCheck, type Outcome } from '../check.ts'
import type { Kubelet } from '../facts.ts'
import { subjectOf } from '../kubelets.ts'
import { ifKnown, orOk, severityOf } from './outcomes.ts'

const SUBJECT = 'CSRs'
/** The signer takes 20 ms; for 700 at once, half a minute. */
const LATE_MS = 30_000
const MESSAGE_MAX = 300

type Id = 'NotIssued' | 'CsrFailed'

export const csrsAreIssued = defineCheck<Id>({
  id: 'CsrsAreIssued',
  asks: 'The newest CSR of each node: whether it is approved without a certificate, or failed.',
  kinds: {
    NotIssued: {
      severity: 'warning',
      means:
        'The CSR is approved, and the signer of kube-controller-manager does not sign it. Critical where the API server verifies kubelets.',
      fix: 'kubectl --namespace kube-system logs --selector component=kube-controller-manager --tail=-1 | grep -i certificate',
    },
    CsrFailed: {
      severity: 'warning',
      means: 'The signer refused what an approver approved. Critical where the API server verifies kubelets.',
      fix: 'kubelet-csr-gate explain csr/NAME',
    },
  },
  run: (facts) =>
    ifKnown(facts.csrs, SUBJECT, () =>
      ifKnown(facts.kubelets, SUBJECT, (kubelets) => {
        const severity = severityOf(facts)
        const outcomes = kubelets.flatMap((kubelet) => outcomesOf(kubelet, facts.now))
        return orOk(
          outcomes.map((outcome) => ({ ...outcome, severity })),
          SUBJECT,
          'the newest approved CSR of every node is issued',
        )
      }),
    ),
})

function outcomesOf(kubelet: Kubelet, now: number): Outcome<Id>[] {
  const { csr } = kubelet
  if (csr === null) return []
  const { name, state, message, createdAt } = csr
  const about = { subject: subjectOf(kubelet), names: { NAME: name } }
  const waited = now - createdAt
  if (state === 'approved' && waited > LATE_MS)
    return [
      { found: 'NotIssued', evidence: `${name} is approved, and not issued after ${age(waited)}`, ...about },
    ]
  if (state !== 'failed') return []
  return [
    {
      found: 'CsrFailed',
      evidence: `the signer refused ${name}: ${oneLine(message, MESSAGE_MAX)}`,
      ...about,
    },
  ]
}
