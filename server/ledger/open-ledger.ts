import type { Grants } from '../facts/grants.ts'
import { Informer } from '../kube/informer.ts'
import type { Cluster } from '../kube/transport.ts'
import type { Recorder, Log } from '../ports.ts'
import { Ledger } from './ledger.ts'
import { type LedgerPlace, type Shard, shardQuery } from './shard.ts'

/** Where the installed ledger is; null: nothing is installed. Without permission to see it, why it is not known. */
export type InstalledLedger = LedgerPlace | null | { readonly notVisible: string }

interface LedgerDependencies {
  readonly installedLedger: InstalledLedger
  readonly cluster: Cluster
  readonly log: Log
  readonly recorder: Recorder
}

interface OpenLedger {
  readonly ledger: Ledger
  /** What decisions are made by. */
  readonly grants: Grants
  /** Its ConfigMaps, not listed yet; null where there are none. What is decided without them is no less current. */
  readonly shards: Informer<Shard> | null
  /** Why it is not visible, null if it is. */
  readonly problem: string | null
}

/** A ledger that is not installed or not visible is kept in memory only. */
export function openLedger({ installedLedger, cluster, log, recorder }: LedgerDependencies): OpenLedger {
  if (installedLedger === null || 'notVisible' in installedLedger) {
    const ledger = new Ledger(null)
    const problem = installedLedger?.notVisible ?? null
    return { ledger, grants: problem === null ? ledger : unknownGrants(problem), shards: null, problem }
  }
  const shards = new Informer({ ...shardQuery(installedLedger), cluster, log, recorder })
  const ledger = new Ledger({ place: installedLedger, store: shards, log })
  return { ledger, grants: ledger, shards, problem: null }
}

/** A ledger in which anything may be: what a Node asks for newly is unknown. */
function unknownGrants(because: string): Grants {
  return {
    of: () => undefined,
    called: () => [],
    having: () => [],
    incomplete: () => because,
    since: () => Infinity,
    incompleteAnywhere: () => because,
    releasedAt: () => -Infinity,
  }
}
