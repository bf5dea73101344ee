/** What one node may have approved at once. A kubelet needs one; a second after a restart, a few while its addresses settle. */
const BURST = 5
/** After that, one in this time. A kubelet renews its certificate a few times a year. */
const EVERY_MS = 60_000

/** An approval that is older than this counts no more. */
export const SHARE_MS = BURST * EVERY_MS

/**
 * From when on a node may have another CSR approved, given when others were: a bucket of {@link BURST} that gains one each
 * {@link EVERY_MS}. However many were approved at once, by hand for example, the next waits {@link EVERY_MS} and no longer.
 * A time after `now` is one of a clock that is ahead: it counts as now.
 */
export function freeAt(approvals: readonly number[], now: number): number {
  let refilledAt = -Infinity
  for (const at of approvals.map((time) => Math.min(time, now)).sort((one, other) => one - other))
    refilledAt = Math.min(Math.max(refilledAt, at) + EVERY_MS, at + SHARE_MS)
  return refilledAt - SHARE_MS + EVERY_MS
}
