/** What is shown of each case, and how it is compared with what is expected. */
import type { Decided } from '../kit/service/decision-log.ts'
import type { Obtained } from '../kit/kubelet/kubelet.ts'
import type { Case } from './schema.ts'

export type Phase = 'webhook on' | 'webhook off'

export interface Row {
  readonly phase: Phase
  readonly asked: string
  readonly by: string
  readonly verdict: string
  readonly reason: string
  readonly component: 'webhook' | 'controller' | 'API server'
  /** Refused: until the answer. Approved: from create to Approved. Stored: from create to the decision. */
  readonly ms: number
  /** How it differs from what it must be, null when it does not. */
  readonly problem: string | null
}

export interface Progress {
  say(text: string): void
  row(row: Row): void
}

/** Who asks for what, and when. */
export type Asking = Pick<Row, 'phase' | 'asked' | 'by'>

/** `problem`: how the certificate differs from what it must be. */
export function issuedRow(asking: Asking, { approvedMs }: Obtained, problem: string | null): Row {
  return {
    ...asking,
    verdict: 'approve',
    reason: 'Conforms',
    component: 'controller',
    ms: approvedMs,
    problem,
  }
}

export function failedRow(asking: Asking, error: unknown): Row {
  const problem = error instanceof Error ? error.message : String(error)
  return { ...asking, verdict: 'none', reason: '', component: 'controller', ms: Number.NaN, problem }
}

/** Compares a decision with what the case must get. */
export function differs(
  { expected }: Case,
  decided: Pick<Decided, 'verdict' | 'reason' | 'message'>,
): string | null {
  const { decision, reason, fault } = expected
  if (decided.verdict !== decision) return `the verdict must be ${decision}: ${decided.message}`
  if (decided.reason !== reason) return `the reason must be ${reason}: ${decided.message}`
  if (!decided.message.startsWith(`${reason}: `))
    return `the message must begin with ${reason}: ${decided.message}`
  if (fault !== undefined && !decided.message.includes(`(${fault} at byte `)) {
    return `the fault must be ${fault}: ${decided.message}`
  }
  return null
}
