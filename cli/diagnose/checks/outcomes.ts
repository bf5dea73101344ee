import type { Known } from '../../../policies/types.ts'
import { type Found, type Kind, type Outcome, verifiesKubelets } from '../check.ts'
import type { FleetFacts, Kubelet } from '../facts.ts'

/** What an API server says of a certificate that none of the CAs it was given has signed (Go crypto/x509). */
export const NOT_TRUSTED = 'certificate signed by unknown authority'

/** These outcomes; if there are none, that all is well. */
export function orOk<Code extends string>(
  outcomes: readonly Outcome<Code>[],
  subject: string,
  ok: string,
): readonly Outcome<Code>[] {
  return outcomes.length > 0 ? outcomes : [{ kind: 'ok', evidence: ok, subject }]
}

/** What `judge` says of what is known; that it is not visible otherwise. */
export function ifKnown<T, Code extends string>(
  known: Known<T>,
  subject: string,
  judge: (value: T) => readonly Outcome<Code>[],
): readonly Outcome<Code>[] {
  return known.known ? judge(known.value) : [{ kind: 'notVisible', evidence: known.because, subject }]
}

/** What a check finds about one kubelet; the subject is its Node. */
export type KubeletOutcome<Code extends string> =
  | Omit<Found<Code>, 'subject'>
  | { readonly kind: 'notVisible'; readonly evidence: string }

/** What `look` finds about each kubelet; if nothing, that all of them are well. */
export function eachKubelet<Code extends string>(
  kubelets: readonly Kubelet[],
  look: (kubelet: Kubelet) => readonly KubeletOutcome<Code>[],
  { subject, ok }: { readonly subject: string; readonly ok: string },
): readonly Outcome<Code>[] {
  const outcomes = kubelets.flatMap((kubelet) =>
    look(kubelet).map((outcome) => ({
      ...outcome,
      subject: subjectOf(kubelet),
      names: { NODE: kubelet.node.name, ...('names' in outcome && outcome.names) },
    })),
  )
  return orOk(outcomes, subject, ok)
}

/** As {@link eachKubelet}, of what its newest CSR says: not visible without the CSRs. */
export function eachCsr<Code extends string>(
  { kubelets, csrs, now }: FleetFacts,
  look: (kubelet: Kubelet, now: number) => readonly KubeletOutcome<Code>[],
  well: { readonly subject: string; readonly ok: string },
): readonly Outcome<Code>[] {
  return ifKnown(kubelets, well.subject, (known) =>
    ifKnown(csrs, well.subject, () => eachKubelet(known, (kubelet) => look(kubelet, now), well)),
  )
}

/** `Node worker-1`, as the subject of a finding. */
export const subjectOf = ({ node }: Pick<Kubelet, 'node'>): string => `Node ${node.name}`

/** A CSR that nobody decides breaks logs and exec only of a kubelet that has no certificate yet. */
export function severityOfWait(facts: FleetFacts): Kind['severity'] {
  const { kubelets } = facts
  const waits =
    kubelets.known && kubelets.value.some(({ certificate, csr }) => !certificate && csr?.state === 'pending')
  return waits && verifiesKubelets(facts) ? 'critical' : 'warning'
}
