import type { DecisionReason } from '../../policies/codes.ts'
import type { Settings } from '../../policies/settings.ts'
import { oneLine } from '../../policies/text.ts'
import type { CsrObject, Decision } from '../../policies/types.ts'
import type { Clock } from '../ports.ts'
import { type ReportingParts, reportAfterwards } from './judged.ts'
import {
  type AdmissionAnswer,
  answerTo,
  auditOf,
  refusalOf,
  type Response,
  warningsOf,
  withoutFacts,
} from './respond.ts'

/** Somebody else decides about these. */
const LEFT_TO_OTHERS: readonly DecisionReason[] = ['OtherSigner', 'ForeignRequester']

/** What is needed to answer about something that leads to a certificate by itself. */
export interface GrantParts extends ReportingParts {
  /** Whether whoever gets an answer is known to be an API server. */
  readonly callerIsProven: boolean
  readonly clock: Pick<Clock, 'monotonic'>
}

interface Granting {
  readonly component: 'guard' | 'bootstrap-guard'
  readonly review: { readonly uid: string; readonly dryRun: boolean }
  readonly csr: CsrObject
  readonly decision: Decision
  readonly mode: Settings['mode']
  /** When its judgement began. */
  readonly startedAt: number
  readonly breakGlassGroup?: string | undefined
  /** Who approves. */
  readonly approver?: string
}

/** Answers one review, and reports it. */
export function answerGrant(
  { component, review, csr, decision, mode, startedAt, breakGlassGroup, approver }: Granting,
  parts: GrantParts,
): AdmissionAnswer {
  const { uid, dryRun } = review
  const { callerIsProven, clock } = parts
  const { action, answer } = respondToGrant(uid, csr, decision, { mode, breakGlassGroup, callerIsProven })
  const durationMs = clock.monotonic() - startedAt
  const record = { component, csr, decision, action, durationMs, dryRun, reviewUid: uid } as const
  reportAfterwards(approver === undefined ? record : { ...record, approver }, parts)
  return answer
}

interface Circumstances {
  readonly mode: Settings['mode']
  /** A group of the caller whose members may do anything. */
  readonly breakGlassGroup: string | undefined
  /** Whether the caller is known to be an API server. */
  readonly callerIsProven: boolean
}

/**
 * The answer about what leads to a certificate by itself: an approval by somebody else, or a CSR that
 * kube-controller-manager approves. Unlike the creation of a kubelet-serving CSR, it is refused where facts are not known.
 */
function respondToGrant(
  uid: string,
  csr: CsrObject,
  judged: Decision,
  { mode, breakGlassGroup, callerIsProven }: Circumstances,
): Response {
  const decision = withoutWait(callerIsProven ? judged : withoutFacts(judged))
  const auditAnnotations = auditOf(decision)
  if (decision.verdict === 'approve' || LEFT_TO_OTHERS.includes(decision.reason))
    return { action: 'allowed', answer: answerTo({ uid, allowed: true, auditAnnotations }) }
  if (breakGlassGroup !== undefined) {
    const group = oneLine(breakGlassGroup, GROUP_MAX)
    const warnings = warningsOf(decision, `approved past policy by a member of the group ${group}`)
    const audited = { ...auditAnnotations, 'break-glass': group }
    return {
      action: 'warned',
      answer: answerTo({ uid, allowed: true, warnings, auditAnnotations: audited }),
    }
  }
  if (mode === 'enforce') {
    const status = refusalOf(csr, explained(decision))
    return { action: 'refused', answer: answerTo({ uid, allowed: false, status, auditAnnotations }) }
  }
  const warnings = warningsOf(decision, `allowed past policy in mode ${mode}`)
  return { action: 'warned', answer: answerTo({ uid, allowed: true, warnings, auditAnnotations }) }
}

/** Whoever approves by hand reads why a fact that is missing refuses it. */
function explained(decision: Decision): Decision {
  if (decision.verdict !== 'unknown') return decision
  return { ...decision, message: `${decision.message}. What is not known is not allowed: try again` }
}

/** kubectl would say nothing and try again for as long as an answer names a time. */
function withoutWait({ verdict, reason, message, findings, awaited, policyHash }: Decision): Decision {
  return { verdict, reason, message, findings, awaited, policyHash }
}

/** It leaves room for the rest of the warning. */
const GROUP_MAX = 128
