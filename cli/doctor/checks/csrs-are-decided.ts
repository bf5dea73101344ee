import { oneLine } from '../../../policies/text.ts'
import { age } from '../../fleet/finding.ts'
import { defineCheck, type Outcome } from '../check.ts'
import type { Kubelet } from '../facts.ts'
import { subjectOf } from '../kubelets.ts'
import { ifKnown, orOk, severityOf } from './outcomes.ts'

const SUBJECT = 'CSRs'
const LATE_MS = 60_000
/** client-go certificate manager: after that the kubelet has forgotten the key. */
const KUBELET_WAITS_MS = 900_000
const MESSAGE_MAX = 300

type Id = 'CsrPending' | 'CsrDenied'

export const csrsAreDecided = defineCheck<Id>({
  id: 'CsrsAreDecided',
  asks: 'The newest CSR of each node: whether it waits for longer than a minute, or was denied.',
  kinds: {
    CsrPending: {
      severity: 'warning',
      means:
        'Nobody has decided. A kubelet waits 15 minutes, then asks with a new key; approving an older CSR is useless. Critical where the API server verifies kubelets and the kubelet has no certificate.',
      fix: 'kubelet-csr-gate explain csr/NAME',
    },
    CsrDenied: {
      severity: 'warning',
      means:
        'An approver refuses the node. The kubelet asks again and again, within half a minute each time. Critical where the API server verifies kubelets and the kubelet has no certificate.',
      fix: 'kubelet-csr-gate explain csr/NAME',
    },
  },
  run: (facts) =>
    ifKnown(facts.csrs, SUBJECT, () =>
      ifKnown(facts.kubelets, SUBJECT, (kubelets) => {
        const worst = severityOf(facts)
        const outcomes = kubelets.flatMap((kubelet) => {
          const severity = kubelet.certificate === null ? worst : ('warning' as const)
          return outcomesOf(kubelet, facts.now).map((outcome) => ({ ...outcome, severity }))
        })
        return orOk(outcomes, SUBJECT, 'the newest CSR of every node is decided')
      }),
    ),
})

function outcomesOf(kubelet: Kubelet, now: number): Outcome<Id>[] {
  const { csr, denied } = kubelet
  if (csr === null) return []
  const { name, state, message, createdAt } = csr
  const about = { subject: subjectOf(kubelet), names: { NAME: name } }
  const waited = now - createdAt
  if (state === 'pending' && waited > LATE_MS) {
    const late = waited > KUBELET_WAITS_MS ? ', longer than its kubelet' : ''
    return [{ found: 'CsrPending', evidence: `${name} has waited for ${age(waited)}${late}`, ...about }]
  }
  if (state !== 'denied') return []
  const times = denied > 1 ? `, as ${denied - 1} before it within the hour` : ''
  const because = message === '' ? 'without a reason' : oneLine(message, MESSAGE_MAX)
  return [{ found: 'CsrDenied', evidence: `${name} was denied${times}: ${because}`, ...about }]
}
