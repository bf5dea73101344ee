import type { Rules } from '../policies/rules.ts'
import { ClusterGatherer } from './facts/gather.ts'
import { Readings } from './facts/readings.ts'
import { Ledger } from './ledger/ledger.ts'
import { createLists, type Lists } from './lists.ts'
import { openProber } from './open-prober.ts'
import { openTruth } from './open-truth.ts'
import type { Parts } from './parts.ts'
import type { Examine } from './ports.ts'
import { readUnverified } from './pkcs10/request.ts'

/** All that decisions are made from. */
export interface OpenFacts {
  readonly lists: Lists
  readonly readings: Readings
  readonly gatherer: ClusterGatherer
  readonly ledger: Ledger
  /** Calls `listener` after each change that may concern any CSR: of what the cluster reserves, of the sources of truth. */
  subscribe(listener: () => void): void
  start(): void
  stop(): Promise<void>
}

/** Requests that the controller need not parse again, 700 of stock kubelets: in a burst, those between create and approval. */
const READINGS_MAX_BYTES = 2 * 1_048_576

interface FactsParts {
  /** Compares an issued certificate with the approved request. */
  readonly examine: Examine
  readonly rules: () => Rules
}

export function openFacts(parts: Parts, { examine, rules }: FactsParts): OpenFacts {
  const { options, cluster, log, metrics: instruments } = parts
  const readings = new Readings(readUnverified, READINGS_MAX_BYTES)
  const read = (request: string) => readings.read(request)
  const lists = createLists({ cluster, log, instruments, read, examine, ledger: options.ledger })
  const ledger = openLedger(lists, parts)
  const prober = openProber(parts, { lists, rules })
  const truth = openTruth({ ...parts, options: options.truth, instruments })
  const now = () => cluster.clock.serverNow()
  const sources = { ...lists, apiServer: () => cluster.apiServer(), ledger, prober, now }
  return {
    lists,
    readings,
    ledger,
    gatherer: new ClusterGatherer(sources, read, truth),
    subscribe(listener) {
      lists.onReservations(listener)
      truth.subscribe(listener)
    },
    start() {
      lists.start()
      truth.start()
    },
    async stop() {
      await Promise.all([lists.stop(), truth.stop(), prober?.stop()])
    },
  }
}

function openLedger({ shards }: Lists, { options: { ledger: place }, metrics }: Parts): Ledger {
  const ledger = new Ledger(place === null || shards === null ? null : { place, store: shards })
  metrics.ledgerFrom(() => ledger.size())
  return ledger
}
