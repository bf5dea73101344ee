import { oneLine } from '../../../policies/text.ts'
import { age } from '../../output/age.ts'
import { defineNodeCheck, type Kind, type Outcome } from '../check.ts'
import type { Kubelet } from '../facts.ts'
import { eachCsr, found } from './outcomes.ts'
import { EXPLAIN } from '../steps.ts'

const LATE_MS = 60_000
/** client-go certificate manager: after that the kubelet has forgotten the key. */
const KUBELET_WAITS_MS = 900_000
const MESSAGE_MAX = 300

type Code = 'CsrPending' | 'CsrDenied'

export const csrsAreDecided = defineNodeCheck<Code>({
  id: 'CsrsAreDecided',
  subject: 'CSRs',
  asks: 'Whether the newest CSR of each node is pending or denied. In its first minute, a pending CSR is only information. If the kubelet has a certificate, both are warnings.',
  kinds: {
    CsrPending: {
      severity: 'warning',
      breaksLogs: true,
      means:
        'No approver has decided. A kubelet waits 15 minutes, then creates a CSR with a new key. Approving an older CSR has no effect.',
      fix: EXPLAIN,
    },
    CsrDenied: {
      severity: 'warning',
      breaksLogs: true,
      means: 'An approver denied the CSR. The kubelet creates a new one every half minute.',
      fix: EXPLAIN,
    },
  },
  run: (facts) => eachCsr(facts, outcomesOf, 'the newest CSR of every node is decided'),
})

function outcomesOf({ csr, denied, certificate }: Kubelet, now: number): Outcome<Code>[] {
  if (csr === null) return []
  const { name, state, message, createdAt } = csr
  const waited = now - createdAt
  const renewal = certificate !== null && ({ severity: 'warning' } satisfies { severity: Kind['severity'] })
  const about = { names: { NAME: name }, ...renewal }
  if (state === 'pending') {
    const late = waited > KUBELET_WAITS_MS ? ', longer than its kubelet' : ''
    const evidence = `${name} has been pending for ${age(waited)}${late}`
    return [found('CsrPending', evidence, { ...about, ...(waited <= LATE_MS && { severity: 'info' }) })]
  }
  if (state !== 'denied') return []
  const times = denied > 1 ? `, as ${denied - 1} before it within the hour` : ''
  const because = message === '' ? 'without a reason' : oneLine(message, MESSAGE_MAX)
  return [found('CsrDenied', `${name} was denied${times}: ${because}`, about)]
}
