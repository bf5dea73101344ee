import type { Known, NodeFacts } from '../../policies/types.ts'
import type { CsrReading, Store } from '../ports.ts'
import type { ApiServerIdentity, Reservations } from './reservations.ts'

/** The sources of facts. */
export interface Sources {
  readonly nodes: Store<NodeFacts>
  readonly csrs: Store<CsrReading>
  /** The stores of reserved names, addresses and ranges that this server has. */
  readonly reservations: () => readonly Store<Reservations>[]
  /** The API server's identity. Returns the same object until it changes. */
  readonly apiServer: () => ApiServerIdentity
}

/** The API server sends a bookmark about every 60 s. A watch that is silent for longer is broken. */
export const SILENT_MAX_MS = 75_000
/** A Node from a watch that was active within this time is current enough for an approval. */
export const FRESH_MS = 5_000

/** The result of `draw`, or unknown if the store is out of date. */
export function known<T>(store: Store<unknown>, draw: () => T): Known<T> {
  const because = distrust(store)
  return because === null ? { known: true, value: draw() } : { known: false, because }
}

/** Why a store is out of date, or null. */
export function distrust(store: Store<unknown>): string | null {
  const { phase, silentMs, problem } = store.state()
  const suffix = problem === null ? '' : `: ${problem}`
  if (phase === 'syncing') return `the list of ${store.title} has not been read yet${suffix}`
  if (phase === 'live' && silentMs > SILENT_MAX_MS)
    return `the watch of ${store.title} has been silent for ${Math.round(silentMs / 1_000)} s${suffix}`
  return null
}
