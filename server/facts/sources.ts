import type { Known, NodeFacts } from '../../policies/types.ts'
import type { CsrReading, Store } from '../ports.ts'
import type { ApiServerIdentity, Reservations } from './reservations.ts'

/** The stores that facts are drawn from. */
export interface Sources {
  readonly nodes: Store<NodeFacts>
  readonly csrs: Store<CsrReading>
  /** Those that hold reserved names, addresses and ranges, as the server has them now. */
  readonly reservations: () => readonly Store<Reservations>[]
  /** From the TLS sessions of our own connection; the same object while nothing of it has changed. */
  readonly apiServer: () => ApiServerIdentity
}

/** The API server sends a bookmark about every 60 s: a watch silent for longer than this is dead or cut off. */
export const SILENT_MAX_MS = 75_000
/** Within this the watch has proven itself current enough to approve on what it last reported of a Node. */
export const FRESH_MS = 5_000

/** What is drawn from a store, unless the store cannot be trusted now. */
export function known<T>(store: Store<unknown>, draw: () => T): Known<T> {
  const because = distrust(store)
  return because === null ? { known: true, value: draw() } : { known: false, because }
}

/** Why a store cannot be trusted now, null when it can. */
export function distrust(store: Store<unknown>): string | null {
  const { phase, silentMs, problem } = store.state()
  const suffix = problem === null ? '' : `: ${problem}`
  if (phase === 'syncing') return `the list of ${store.title} has not been read yet${suffix}`
  if (phase === 'live' && silentMs > SILENT_MAX_MS)
    return `the watch of ${store.title} has been silent for ${Math.round(silentMs / 1_000)} s${suffix}`
  return null
}
