import { checks } from '../../policies/index.ts'
import { explainWith, type Opinion } from '../../server/explain.ts'
import type { Judging } from '../../server/service.ts'
import type { Rules } from '../../policies/rules.ts'
import { awaitingLook } from '../../policies/unlooked.ts'
import type { Clock } from '../../server/ports.ts'
import { asPending, type Subject } from '../explain/subject.ts'

/** What depends on the moment at which a CSR is judged, such as a newer one that waits, and not on what it asks for. */
const ofTheMoment: ReadonlySet<string> = new Set(
  checks.filter(({ stage }) => stage === 'timeliness').map(({ code }) => code),
)

export interface OpinionParts {
  readonly judging: Pick<Judging, 'judge' | 'facts'>
  readonly clock: Clock
}

/** What the controller decides about a CSR, by the service's own checks; of one that is decided, as if it was asked now. */
export async function opinionOn(
  subject: Subject,
  rules: Rules,
  { judging, clock }: OpinionParts,
): Promise<Opinion> {
  const reading = asPending(subject, clock.serverNow())
  const { controller } = await explainWith(judging, reading, { rules, clock, everyStage: true })
  return controller
}

/** Whether what it asks for conforms. */
export function conforms({ decision: { verdict, reason } }: Opinion): boolean {
  return verdict === 'approve' || (verdict === 'notYet' && ofTheMoment.has(reason))
}

/** Whether it would be approved or not by who answers at its addresses. Of stored CSRs nobody is dialled. */
export function dependsOnLook({ decision }: Opinion): boolean {
  return awaitingLook(decision).length > 0
}
