import { oneLine } from '../../../policies/text.ts'
import { age } from '../../output/age.ts'
import { defineNodeCheck, type Outcome } from '../check.ts'
import type { Kubelet } from '../facts.ts'
import { eachCsr, found } from './outcomes.ts'
import { EXPLAIN, KUBELET_LOG } from '../steps.ts'

/** The signer takes 20 ms; for 700 at once, half a minute. A kubelet serves what was issued within seconds. */
const LATE_MS = 30_000
const MESSAGE_MAX = 300

type Code = 'NotIssued' | 'NotServedYet' | 'CsrFailed'

export const csrsAreIssued = defineNodeCheck<Code>({
  id: 'CsrsAreIssued',
  subject: 'CSRs',
  asks: 'Whether the newest CSR of each node is approved but not issued, issued but not served, or failed. In its first 30 seconds this is only information.',
  kinds: {
    NotIssued: {
      severity: 'warning',
      breaksLogs: true,
      means: 'The CSR is approved, but the signer of kube-controller-manager does not sign it.',
      fix: [
        {
          about: 'See what the signer says',
          run: 'kubectl --namespace kube-system logs --selector component=kube-controller-manager --tail=-1 | grep -i certificate',
        },
      ],
    },
    NotServedYet: {
      severity: 'warning',
      breaksLogs: true,
      means: 'The certificate is issued, but the kubelet does not serve it.',
      fix: [KUBELET_LOG],
    },
    CsrFailed: {
      severity: 'warning',
      breaksLogs: true,
      means: 'An approver approved the CSR, but the signer refused it.',
      fix: EXPLAIN,
    },
  },
  run: (facts) => eachCsr(facts, outcomesOf, 'the newest approved CSR of every node is issued'),
})

function outcomesOf({ csr, dialled }: Kubelet, now: number): Outcome<Code>[] {
  if (csr === null) return []
  const { name, state, message, createdAt } = csr
  const waited = now - createdAt
  const early = waited <= LATE_MS ? ({ severity: 'info' } as const) : {}
  if (state === 'approved')
    return [found('NotIssued', `${name} is approved, and not issued after ${age(waited)}`, early)]
  if (state === 'issued' && dialled?.kind === 'noCertificate')
    return [found('NotServedYet', `${name} is issued, and not served yet`, early)]
  if (state !== 'failed') return []
  const evidence = `the signer refused ${name}: ${oneLine(message, MESSAGE_MAX)}`
  return [found('CsrFailed', evidence, { names: { NAME: name } })]
}
