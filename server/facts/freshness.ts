import type { Known } from '../../policies/types.ts'
import type { Store } from '../ports.ts'

/** The API server sends a bookmark about every 60 s: a watch silent for longer than this is dead or cut off. */
export const SILENT_MAX_MS = 75_000
/** Within this the watch has proven itself current enough to approve on what it last said of a Node. */
export const FRESH_MS = 5_000

/** What is drawn from a watched list, unless the list cannot be trusted now. */
export function known<T>(list: Store<unknown>, name: string, draw: () => T): Known<T> {
  const because = distrust(list, name)
  return because === null ? { known: true, value: draw() } : { known: false, because }
}

/** Why a watched list cannot be trusted now, null when it can. */
export function distrust(list: Store<unknown>, name: string): string | null {
  const { phase, silentMs, problem } = list.state()
  const suffix = problem === null ? '' : `: ${problem}`
  if (phase === 'syncing') return `the list of ${name} has not been read yet${suffix}`
  if (phase === 'live' && silentMs > SILENT_MAX_MS)
    return `the watch of ${name} has been silent for ${Math.round(silentMs / 1_000)} s${suffix}`
  return null
}
