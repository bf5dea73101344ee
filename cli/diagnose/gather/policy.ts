import { policyFor } from '../../cluster/policy.ts'
import type { Session } from '../../cluster/session.ts'
import type { Facts } from '../facts.ts'

/** Reads the installed policy. */
export async function readPolicy(session: Session): Promise<Facts['policy']> {
  const chosen = await policyFor(null, session)
  return chosen.ok
    ? { known: true, value: chosen.rules }
    : { known: false, because: `the installed policy: ${chosen.problem.message}` }
}
