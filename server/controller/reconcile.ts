import type { DecisionReason } from '../../policies/codes.ts'
import { rulesFor } from '../../policies/pools.ts'
import type { Rules } from '../../policies/rules.ts'
import type { Settings } from '../../policies/settings.ts'
import type { CsrObject, Decision } from '../../policies/types.ts'
import { jittered } from '../kube/backoff.ts'
import type { FactCache } from '../facts/fact-cache.ts'
import { nodeUid } from '../facts/nodes.ts'
import { type PendingCsr, selectPending, type StoredCsr } from '../facts/stored-csr.ts'
import type { Action, Api, ApiAnswer, Clock, Judge, Judgement, Log, Store } from '../ports.ts'
import { approval, type Condition, denial, pathOf, writeCondition } from './act.ts'
import type { DenialLimiter } from './denial-limiter.ts'
import { mayBeApproved, type Plan, planFor } from './plan.ts'
import type { ReconcileResult } from './queue.ts'
import type { Slots } from './slots.ts'

export interface ReconcileParts {
  readonly csrs: Store<StoredCsr>
  readonly judge: Judge
  readonly api: Api
  readonly clock: Clock
  readonly log: Log
  /** The policy in force. */
  readonly rules: () => Rules
  readonly webhookEnabled: boolean
  readonly isLeader: () => boolean
  readonly denials: DenialLimiter
  /** For those that are not in the store as a whole. */
  readonly rereads: Slots
  readonly facts: Pick<FactCache, 'noteApproval'>
  readonly stopped: AbortSignal
  /** Called with each judgement and the action taken. It reports a decision only once. */
  readonly report: (outcome: Outcome) => void
  /** The number of CSRs that were judged and are not known to be decided. */
  readonly undecided: () => number
  /** Called with each judgement: whether the CSR may still be approved. */
  readonly expect: (csr: CsrObject, approvable: boolean) => void
}

export interface Outcome {
  readonly judgement: Judgement
  readonly action: Action
  readonly durationMs: number
}

/** How often an undecided CSR is judged again, since a change of a fact may have been missed. */
export const RECHECK_MS = 10_000
/** Of a new CSR whose address did not answer for the kubelet: what was seen before the kubelet started is believed for 3 s. */
const RECHECK_NEW_MS = 3_000
/**
 * All that stay undecided, together, are judged again at most 50 times a second, for more than 500 less often than every 10 s:
 * each takes up to a millisecond of CPU time, which new CSRs need. What is known to have changed is judged at once.
 */
const RECHECKS_PER_SECOND = 50
const RECHECK_MAX_MS = 60_000
/** What a look at an address may heal. */
const healedBySight: ReadonlySet<DecisionReason> = new Set([
  'NameContested',
  'AddressContested',
  'AddressUnproven',
] as const)
/** Longest wait while facts are unknown or writes fail, so that CSRs are decided soon after an outage. */
const OUTAGE_MAX_MS = 5_000
/** Longest wait after a bug, or after an answer that only a person can fix, such as a missing permission. */
const FAULT_MAX_MS = 300_000

const WAITS: ReconcileResult = { next: 'waits' }
export const DECIDED: ReconcileResult = { next: 'decided' }
const DROPPED: ReconcileResult = { next: 'dropped' }
/** A second conflict, right after the CSR was read again: another client is writing to it. */
const CONFLICTING: ReconcileResult = { next: 'retry', longestMs: OUTAGE_MAX_MS }

/** Judges a stored CSR from current facts, and writes the decision. Idempotent: it may run twice or late. */
export async function reconcile(name: string, parts: ReconcileParts): Promise<ReconcileResult> {
  const pending = parts.csrs.get(name)?.pending ?? null
  if (!mayAct(parts)) return DROPPED
  if (pending === null) return DECIDED
  if (pending.whole) {
    const next = await judgeAndAct(pending, parts)
    if (next !== 'conflict') return next
  }
  return await parts.rereads.run(async () => await readAndAct(name, parts))
}

async function readAndAct(name: string, parts: ReconcileParts): Promise<ReconcileResult> {
  const fresh = await readFresh(name, parts)
  if ('next' in fresh) return fresh
  const next = await judgeAndAct(fresh, parts)
  return next === 'conflict' ? CONFLICTING : next
}

function mayAct({ isLeader, stopped }: ReconcileParts): boolean {
  return isLeader() && !stopped.aborted
}

async function judgeAndAct(
  pending: PendingCsr,
  parts: ReconcileParts,
): Promise<ReconcileResult | 'conflict'> {
  const { clock, judge, stopped } = parts
  const begun = clock.monotonic()
  const { csr, request } = pending
  const rules = rulesFor(parts.rules(), csr.requester.username)
  const judgement = await judge({ purpose: 'approve', csr, caller: null, request, signal: stopped }, rules)
  const circumstances = {
    settings: rules.settings,
    webhookEnabled: parts.webhookEnabled,
    ageMs: clock.serverNow() - csr.createdAt,
  }
  const plan = planFor(judgement.decision, circumstances)
  parts.expect(csr, mayBeApproved(plan, judgement.decision, circumstances))
  const report = (action: Action): void =>
    parts.report({ judgement, action, durationMs: clock.monotonic() - begun })
  if (plan.do === 'leave') {
    report('left')
    return leave(plan, { ...circumstances, undecided: parts.undecided() }, judgement.decision)
  }
  if (plan.do === 'deny' && plan.limited && !parts.denials.take(csr.requester.username, plan.awaited)) {
    report('left')
    return { next: 'again', afterMs: jittered(RECHECK_MS) }
  }
  return await write(pending, { plan, judgement, rules, report }, parts)
}

/** When to judge a CSR that was left again: at the latest when its patience ends, or when it passes. */
function leave(
  { until }: Extract<Plan, { do: 'leave' }>,
  { ageMs, settings, undecided }: Leaving,
  { reason, retryAfterMs = 0 }: Decision,
): ReconcileResult {
  if (until === 'changed') return WAITS
  if (until !== 'rechecked')
    return { next: 'retry', longestMs: until === 'known' ? OUTAGE_MAX_MS : FAULT_MAX_MS }
  const patienceLeftMs = settings.patienceSeconds * 1_000 - ageMs
  const dueMs = [patienceLeftMs, retryAfterMs].filter((ms) => ms > 0).map((ms) => ms + 50)
  const isNew = ageMs < RECHECK_MS && healedBySight.has(reason)
  const recheckMs = isNew ? RECHECK_NEW_MS : recheckAfterMs(undecided)
  return { next: 'again', afterMs: Math.min(jittered(recheckMs), ...dueMs) }
}

interface Leaving {
  readonly ageMs: number
  readonly settings: Pick<Settings, 'patienceSeconds'>
  readonly undecided: number
}

/** How soon each of so many undecided CSRs is judged again. */
export function recheckAfterMs(undecided: number): number {
  const shareMs = (undecided / RECHECKS_PER_SECOND) * 1_000
  return Math.min(Math.max(RECHECK_MS, shareMs), RECHECK_MAX_MS)
}

interface Writing {
  readonly plan: Exclude<Plan, { do: 'leave' }>
  readonly judgement: Judgement
  readonly rules: Rules
  readonly report: (action: Action) => void
}

async function write(
  pending: PendingCsr,
  { plan, judgement, rules, report }: Writing,
  parts: ReconcileParts,
): Promise<ReconcileResult | 'conflict'> {
  const { decision, facts } = judgement
  const condition: Condition =
    plan.do === 'approve'
      ? approval(pending.csr.requester.username, nodeUid(facts), decision.policyHash)
      : denial(decision)
  // Facts took their time, and another may lead by now; and again by the moment at which it is sent.
  if (!mayAct(parts)) return DROPPED
  const answer = await writeCondition(parts.api, pending, condition, () => mayAct(parts))
  if (plan.do === 'approve' && mayBeWritten(answer)) parts.facts.noteApproval(facts, rules)
  if (answer.ok) {
    report(plan.do === 'approve' ? 'approved' : 'denied')
    return DECIDED
  }
  return refused(answer, pending.csr, parts)
}

/** An answer that was lost, or a server's failure, leaves it open. */
function mayBeWritten(answer: ApiAnswer): boolean {
  return answer.ok || answer.status >= 500 || (answer.status === 0 && answer.reason !== 'Withheld')
}

function refused(
  answer: Extract<ApiAnswer, { ok: false }>,
  csr: CsrObject,
  { log }: ReconcileParts,
): ReconcileResult | 'conflict' {
  // 422: it is another CSR by now, or has a condition that excludes ours, as the next reading shows.
  if (answer.status === 409 || answer.status === 422) return 'conflict'
  if (answer.status === 404) return DECIDED
  if (answer.reason === 'Withheld') return DROPPED
  const { status, reason, message } = answer
  const fields = { csr: csr.name, uid: csr.uid, status, reason, message }
  log.warn(fields, 'a decision could not be written')
  return afterFailure(answer)
}

/** An outage or a busy server is temporary. Any other failure needs a person. */
function afterFailure({ status, retryAfterMs }: Extract<ApiAnswer, { ok: false }>): ReconcileResult {
  const passes = status === 0 || status === 429 || status >= 500
  return { next: 'retry', longestMs: passes ? OUTAGE_MAX_MS : FAULT_MAX_MS, atLeastMs: retryAfterMs ?? 0 }
}

/** The CSR as it is now, or what to do when that cannot be learnt or is nothing to judge. */
async function readFresh(
  name: string,
  { api, log, stopped }: ReconcileParts,
): Promise<PendingCsr | ReconcileResult> {
  const answer = await api.call({ method: 'GET', path: pathOf(name), signal: stopped })
  if (answer.ok) return selectPending(answer.object) ?? DECIDED
  if (answer.status === 404) return DECIDED
  const { status, reason, message } = answer
  log.warn({ csr: name, status, reason, message }, 'a CSR could not be read')
  return afterFailure(answer)
}
