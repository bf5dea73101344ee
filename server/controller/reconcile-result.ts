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
