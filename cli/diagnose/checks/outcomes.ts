import type { Known } from '../../../policies/types.ts'
import { type Found, type Kind, type Outcome, verifiesKubelets } from '../check.ts'
import type { FleetFacts, Kubelet } from '../facts.ts'

/** What an API server says of a certificate that none of the CAs it was given has signed (Go crypto/x509). */
export const NOT_TRUSTED = 'certificate signed by unknown authority'

/** Something is wrong. Without a subject, it is that of the check. */
export function found<Code extends string>(
  code: Code,
  evidence: string,
  about: Omit<Found, 'kind' | 'code' | 'evidence'> = {},
): Found<Code> {
  return { kind: 'found', code, evidence, ...about }
}

type Unfound = Exclude<Outcome, Found>

/** Nothing is wrong. */
export const ok = (evidence: string, subject?: string): Unfound => ({ kind: 'ok', evidence, subject })

export const notVisible = (evidence: string, subject?: string): Unfound => ({
  kind: 'notVisible',
  evidence,
  subject,
})

/** These outcomes; if there are none, that all is well. */
export function orOk<Code extends string>(
  outcomes: readonly Outcome<Code>[],
  well: string,
): readonly Outcome<Code>[] {
  return outcomes.length > 0 ? outcomes : [ok(well)]
}

/** What `judge` says of what is known; that it is not visible otherwise. */
export function ifKnown<T, Code extends string>(
  known: Known<T>,
  judge: (value: T) => readonly Outcome<Code>[],
  subject?: string,
): readonly Outcome<Code>[] {
  return known.known ? judge(known.value) : [notVisible(known.because, subject)]
}

/** What `look` finds about each kubelet, whose Node is the subject; if nothing, that all of them are well. */
export function eachKubelet<Code extends string>(
  kubelets: readonly Kubelet[],
  look: (kubelet: Kubelet) => readonly Outcome<Code>[],
  well: string,
): readonly Outcome<Code>[] {
  const outcomes = kubelets.flatMap((kubelet) =>
    look(kubelet).map((outcome) => ({
      ...outcome,
      subject: subjectOf(kubelet),
      names: { NODE: kubelet.node.name, ...('names' in outcome && outcome.names) },
    })),
  )
  return orOk(outcomes, well)
}

/** As {@link eachKubelet}, of what its newest CSR says: not visible without the CSRs. */
export function eachCsr<Code extends string>(
  { kubelets, csrs, now }: FleetFacts,
  look: (kubelet: Kubelet, now: number) => readonly Outcome<Code>[],
  well: string,
): readonly Outcome<Code>[] {
  return ifKnown(kubelets, (known) =>
    ifKnown(csrs, () => eachKubelet(known, (kubelet) => look(kubelet, now), well)),
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
