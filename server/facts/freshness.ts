import type { Known } from '../../policies/types.ts'
import type { Store } from '../ports.ts'

/**
 * An approval needs one list of all Nodes, the requester's and its rivals', that is no older than this. A fleet reports
 * all the time; where no watch has reported anything, a list is cheap.
 */
export const NODES_MAX_AGE_MS = 5_000
/** The API server sends a bookmark about every 60 s: a store that has heard nothing for longer is listed again. */
export const MAX_AGE_MS = 75_000

/** What is drawn from a store, unless it is not known to be current. */
export function known<T>(store: Store<unknown>, maxAgeMs: number, draw: () => T): Known<T> {
  const because = distrust(store, maxAgeMs)
  return because === null ? { known: true, value: draw() } : { known: false, because }
}

/** Why a store cannot be trusted now, null when it can. */
export function distrust(store: Store<unknown>, maxAgeMs: number): string | null {
  const { phase, ageMs, problem } = store.state()
  const suffix = problem === null ? '' : `: ${problem}`
  if (phase === 'syncing') return `the list of ${store.title} has not been read yet${suffix}`
  if (phase === 'live' && ageMs === Infinity) return `the list of ${store.title} is being read again${suffix}`
  if (phase === 'live' && ageMs > maxAgeMs)
    return `nothing was heard of ${store.title} for ${Math.round(ageMs / 1_000)} s${suffix}`
  return null
}
