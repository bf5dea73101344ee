import { oneLine } from '../../../policies/text.ts'
import { age } from '../../output/age.ts'
import { defineNodeCheck, type Kind } from '../check.ts'
import type { Kubelet } from '../facts.ts'
import { eachCsr, type KubeletOutcome } from './outcomes.ts'
import { EXPLAIN } from '../steps.ts'

const SUBJECT = 'CSRs'
const LATE_MS = 60_000
/** client-go certificate manager: after that the kubelet has forgotten the key. */
const KUBELET_WAITS_MS = 900_000
const MESSAGE_MAX = 300

type Code = 'CsrPending' | 'CsrDenied'

export const csrsAreDecided = defineNodeCheck<Code>({
  id: 'CsrsAreDecided',
  asks: 'The newest CSR of each node: whether it waits, or was denied. In its first minute, waiting is for information; of a kubelet that has a certificate, both are warnings.',
  kinds: {
    CsrPending: {
      severity: 'warning',
      breaksLogs: true,
      means:
        'Nobody has decided. A kubelet waits 15 minutes, then asks with a new key; approving an older CSR is useless.',
      fix: EXPLAIN,
    },
    CsrDenied: {
      severity: 'warning',
      breaksLogs: true,
      means:
        'An approver refuses the node. The kubelet asks again and again, within half a minute each time.',
      fix: EXPLAIN,
    },
  },
  run: (facts) =>
    eachCsr(facts, outcomesOf, { subject: SUBJECT, ok: 'the newest CSR of every node is decided' }),
})

function outcomesOf({ csr, denied, certificate }: Kubelet, now: number): KubeletOutcome<Code>[] {
  if (csr === null) return []
  const { name, state, message, createdAt } = csr
  const waited = now - createdAt
  const renewal = certificate !== null && ({ severity: 'warning' } satisfies { severity: Kind['severity'] })
  const about = { names: { NAME: name }, ...renewal }
  if (state === 'pending') {
    const late = waited > KUBELET_WAITS_MS ? ', longer than its kubelet' : ''
    const evidence = `${name} has waited for ${age(waited)}${late}`
    return [
      {
        kind: 'found',
        code: 'CsrPending',
        evidence,
        ...about,
        ...(waited <= LATE_MS && { severity: 'info' }),
      },
    ]
  }
  if (state !== 'denied') return []
  const times = denied > 1 ? `, as ${denied - 1} before it within the hour` : ''
  const because = message === '' ? 'without a reason' : oneLine(message, MESSAGE_MAX)
  return [{ kind: 'found', code: 'CsrDenied', evidence: `${name} was denied${times}: ${because}`, ...about }]
}
