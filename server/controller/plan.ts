import { healedByLook } from '../../policies/dialling.ts'
import type { Settings } from '../../policies/settings.ts'
import type { Decision, Verdict } from '../../policies/types.ts'
import { jittered } from '../kube/backoff.ts'

/** What comes of one look at a CSR. The queue does with it what it says. */
export type ReconcileResult =
  /** Nothing to do until the CSR or a fact changes. */
  | { readonly kind: 'waits' }
  /** Nothing to do: the CSR is decided or deleted. */
  | { readonly kind: 'decided' }
  /** Not processed: this replica is not the leader, or it stops. */
  | { readonly kind: 'dropped' }
  /** Look again after `afterMs`. */
  | { readonly kind: 'recheck'; readonly afterMs: number }
  /** Failed. Retry after a wait that doubles from 200 ms to `longestMs`, and is at least `atLeastMs`. */
  | { readonly kind: 'retry'; readonly longestMs: number; readonly atLeastMs?: number }

export const WAITS: ReconcileResult = { kind: 'waits' }
export const DECIDED: ReconcileResult = { kind: 'decided' }
export const DROPPED: ReconcileResult = { kind: 'dropped' }

/** While facts are unknown or writes fail: CSRs are decided soon after an outage. */
const SOON_MAX_MS = 5_000
/** After a bug, or after an answer that only a person can fix, such as a missing permission. */
const LATER_MAX_MS = 300_000

export function retrySoon(atLeastMs = 0): ReconcileResult {
  return { kind: 'retry', longestMs: SOON_MAX_MS, atLeastMs }
}

export function retryLater(atLeastMs = 0): ReconcileResult {
  return { kind: 'retry', longestMs: LATER_MAX_MS, atLeastMs }
}

/** What the controller does about a decision: it writes a condition, or leaves the CSR as it is. */
export type Plan = Write | ReconcileResult

/** `limited`: only if the DenialLimiter allows it. `awaited`: a kubelet still waits for this CSR. */
export type Write =
  | { readonly kind: 'approve' }
  | { readonly kind: 'deny'; readonly limited: boolean; readonly awaited: boolean }

export interface Circumstances {
  readonly settings: Pick<Settings, 'mode' | 'denyStored' | 'patienceSeconds'>
  readonly webhookEnabled: boolean
  /** Milliseconds since the CSR was created, by the API server's clock. */
  readonly ageMs: number
  /** The number of CSRs that were judged and are not known to be decided. */
  readonly undecided: number
}

/** As it is reported. */
export function actionOf({ kind }: Plan): 'approved' | 'denied' | 'left' {
  if (kind === 'approve') return 'approved'
  return kind === 'deny' ? 'denied' : 'left'
}

type Judged = Pick<Decision, 'verdict' | 'reason' | 'awaited' | 'retryAfterMs'>

/** What to do about a decision. The modes `dryRun` and `approveOnly` only remove writes, and never add one. */
export function planFor(decision: Judged, now: Circumstances): Plan {
  return plans[decision.verdict](decision, now)
}

const plans: Readonly<Record<Verdict, (decision: Judged, now: Circumstances) => Plan>> = {
  approve: (decision, now) => (now.settings.mode === 'dryRun' ? recheck(decision, now) : { kind: 'approve' }),
  deny: (_decision, { settings, webhookEnabled }) =>
    settings.mode === 'enforce' && (settings.denyStored ?? webhookEnabled)
      ? { kind: 'deny', limited: false, awaited: true }
      : WAITS,
  // A denied kubelet asks again with another CSR. That is of no use where this one passes after a while.
  notYet: (decision, now) =>
    now.settings.mode === 'enforce' && decision.retryAfterMs === undefined && isImpatient(now)
      ? { kind: 'deny', limited: true, awaited: decision.awaited }
      : recheck(decision, now),
  unknown: () => retrySoon(),
  error: () => retryLater(),
  ignore: () => WAITS,
}

/**
 * Whether the controller may still approve a CSR, by itself: facts are unknown, the approval has to be written, or it may
 * conform within the patience. False when only a change of the cluster or of the policy could have it approved.
 */
export function mayBeApproved(
  { verdict, retryAfterMs }: Pick<Decision, 'verdict' | 'retryAfterMs'>,
  now: Pick<Circumstances, 'settings' | 'ageMs'>,
): boolean {
  switch (verdict) {
    case 'approve':
      return now.settings.mode !== 'dryRun'
    case 'notYet':
      return retryAfterMs !== undefined || !isImpatient(now)
    case 'unknown':
    case 'error':
      return true
    case 'deny':
    case 'ignore':
      return false
  }
}

function isImpatient({ settings, ageMs }: Pick<Circumstances, 'settings' | 'ageMs'>): boolean {
  return ageMs > settings.patienceSeconds * 1_000
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

/** At the latest when its patience ends, or when it passes. */
function recheck(
  { reason, retryAfterMs = 0 }: Judged,
  { ageMs, settings, undecided }: Circumstances,
): ReconcileResult {
  const patienceLeftMs = settings.patienceSeconds * 1_000 - ageMs
  const dueMs = [patienceLeftMs, retryAfterMs].filter((ms) => ms > 0).map((ms) => ms + 50)
  const isNew = ageMs < RECHECK_MS && healedByLook.has(reason)
  const waitMs = isNew ? RECHECK_NEW_MS : recheckAfterMs(undecided)
  return { kind: 'recheck', afterMs: Math.min(jittered(waitMs), ...dueMs) }
}

/** How soon each of so many undecided CSRs is judged again. */
export function recheckAfterMs(undecided: number): number {
  const shareMs = (undecided / RECHECKS_PER_SECOND) * 1_000
  return Math.min(Math.max(RECHECK_MS, shareMs), RECHECK_MAX_MS)
}
