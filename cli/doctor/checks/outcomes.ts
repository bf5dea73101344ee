import type { Known } from '../../../policies/types.ts'
import type { Kind, Outcome } from '../check.ts'
import type { Facts } from '../facts.ts'

/** These outcomes; if there are none, that all is well. */
export function orOk<Id extends string>(
  outcomes: readonly Outcome<Id>[],
  subject: string,
  ok: string,
): readonly Outcome<Id>[] {
  return outcomes.length > 0 ? outcomes : [{ ok, subject }]
}

/** What `judge` says of what is known; that it is not visible otherwise. */
export function ifKnown<T, Id extends string>(
  known: Known<T>,
  subject: string,
  judge: (value: T) => readonly Outcome<Id>[],
): readonly Outcome<Id>[] {
  return known.known ? judge(known.value) : [{ notVisible: known.because, subject }]
}

export const KUBELET_CA = 'kubelet-certificate-authority'

/** A CSR that nobody decides breaks logs and exec only of a kubelet that has no certificate yet. */
export function severityOfWait(facts: Facts): Kind['severity'] {
  const { kubelets } = facts
  const waits =
    kubelets.known && kubelets.value.some(({ certificate, csr }) => !certificate && csr?.state === 'pending')
  return waits ? severityOf(facts) : 'warning'
}

/** A kubelet's certificate that does not fit breaks logs and exec only where the API server verifies it. */
export function severityOf({ apiServers }: Facts): Kind['severity'] {
  return apiServers.known && apiServers.value.some(({ flags }) => flags.has(KUBELET_CA))
    ? 'critical'
    : 'warning'
}
