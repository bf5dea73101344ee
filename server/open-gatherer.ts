import { ClusterGatherer } from './facts/gather.ts'
import type { Grants } from './facts/grants.ts'
import { Readings } from './facts/readings.ts'
import type { Cluster } from './kube/transport.ts'
import { Ledger } from './ledger/ledger.ts'
import type { LedgerPlace } from './ledger/shard.ts'
import { createLists, type Lists } from './lists.ts'
import type { Examine, Recorder, Log, Prober, Truth } from './ports.ts'
import { readUnverified } from './pkcs10/request.ts'

/** Requests that the controller need not parse again, 700 of stock kubelets: in a burst, those between create and approval. */
const READINGS_MAX_BYTES = 2 * 1_048_576

interface ListParts {
  readonly cluster: Cluster
  readonly log: Log
  readonly recorder: Recorder
  /** Compares an issued certificate with the approved request. */
  readonly examine: Examine
  /** Where the ledger is kept, null if in memory only. */
  readonly ledger: LedgerPlace | null
}

/** Lists of a cluster, not started yet, and the ledger that they fill. */
export interface OpenLists {
  readonly lists: Lists
  readonly readings: Readings
  readonly ledger: Ledger
}

export function openLists({ ledger: place, ...parts }: ListParts): OpenLists {
  const readings = new Readings(readUnverified, READINGS_MAX_BYTES)
  const lists = createLists({ ...parts, read: (request) => readings.read(request), ledger: place })
  const { shards } = lists
  const ledger = new Ledger(place === null || shards === null ? null : { place, store: shards })
  return { lists, readings, ledger }
}

/** What is not in the lists. */
interface Outside {
  readonly cluster: Cluster
  readonly grants: Grants
  /** Null where nobody dials. */
  readonly prober: Prober | null
  /** Without it, no source of truth is asked. */
  readonly truth?: Truth
}

/** What gathers the facts of one request. */
export function openGatherer({ lists, readings }: OpenLists, outside: Outside): ClusterGatherer {
  const { cluster, grants: ledger, prober, truth } = outside
  const apiServer = () => cluster.apiServer()
  const now = () => cluster.clock.serverNow()
  const sources = { ...lists, apiServer, ledger, prober, now }
  return new ClusterGatherer(sources, (request) => readings.read(request), truth)
}
