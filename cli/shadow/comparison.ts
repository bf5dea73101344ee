import type { Verdict } from '../../policies/types.ts'
import type { Opinion } from '../../server/explain.ts'
import type { Subject } from '../explain/subject.ts'
import { conforms } from '../stored/opinion.ts'

/** A CSR that the other approver and this program see differently. */
export interface Disagreement {
  readonly csr: string
  readonly username: string
  /** How it stands by the other approver's decision. */
  readonly state: Subject['state']
  /** Ours: `approve` if it waits or was denied there, another if it was approved there. */
  readonly verdict: Verdict
  readonly reason: string
  readonly message: string
}

/** What is compared while it waits only at the end, since the other approver may need a moment. */
export function isDecided({ state }: Subject): boolean {
  return state !== 'pending' && state !== 'new'
}

/** Null if both agree, or if this program cannot tell: what is not known is no finding. */
export function disagreementOn(subject: Subject, opinion: Opinion): Disagreement | null {
  const { verdict, reason, message } = opinion.decision
  if (verdict === 'unknown' || verdict === 'ignore') return null
  const approved = ['approved', 'issued', 'failed'].includes(subject.state)
  if (approved === conforms(opinion)) return null
  const { name, requester } = subject.reading.csr
  const ours = approved ? verdict : 'approve'
  return {
    csr: name,
    username: requester.username,
    state: subject.state,
    verdict: ours,
    reason,
    message,
  }
}
