import type { Limits } from '../../policies/limits.ts'
import type { Known, NodeFacts } from '../../policies/types.ts'
import type { Prober, Store } from '../ports.ts'
import type { Grants } from './grants.ts'
import type { ApiServerIdentity, Reservations } from './reservations.ts'
import type { StoredCsr } from './stored-csr.ts'

/** The sources of facts. */
export interface Sources {
  readonly nodes: Store<NodeFacts>
  readonly csrs: Store<StoredCsr>
  /** Those that hold reserved names, addresses and ranges, as the server has them now. */
  readonly reservations: () => readonly Store<Reservations>[]
  /** The one of them that holds the ranges of Services, or the Services. No cluster is without: one that is empty was not read. */
  readonly serviceAddresses: () => Store<Reservations>
  /** The API server's identity. Returns the same object until it changes. */
  readonly apiServer: () => ApiServerIdentity
  /** What was granted, also after the CSRs are gone. */
  readonly ledger: Grants
  /** Null where nobody dials. */
  readonly prober: Prober | null
  readonly limits?: Limits
  /** Milliseconds since the epoch by the API server's clock. */
  readonly now: () => number
}

/**
 * An approval needs one picture of all Nodes, the requester's and its rivals', that is no older than this. A fleet reports
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
  if (phase === 'live' && ageMs > maxAgeMs)
    return `nothing was heard of ${store.title} for ${Math.round(ageMs / 1_000)} s${suffix}`
  return null
}
