import { ClusterGatherer } from './facts/gather.ts'
import { Readings } from './facts/readings.ts'
import { createLists, type Lists } from './lists.ts'
import { openTruth } from './open-truth.ts'
import type { Parts } from './parts.ts'
import type { Examine } from './ports.ts'
import { readUnverified } from './pkcs10/request.ts'

/** All that decisions are made from. */
export interface OpenFacts {
  readonly lists: Lists
  readonly readings: Readings
  readonly gatherer: ClusterGatherer
  /** Calls `listener` after each change that may concern any CSR: of what the cluster reserves, of the sources of truth. */
  subscribe(listener: () => void): void
  start(): void
  stop(): Promise<void>
}

/** Requests that the controller need not parse again, 700 of stock kubelets: in a burst, those between create and approval. */
const READINGS_MAX_BYTES = 2 * 1_048_576

/** @param examine compares an issued certificate with the approved request */
export function openFacts(parts: Parts, examine: Examine): OpenFacts {
  const { options, cluster, log, metrics: instruments } = parts
  const readings = new Readings(readUnverified, READINGS_MAX_BYTES)
  const read = (request: string) => readings.read(request)
  const lists = createLists({ cluster, log, instruments, read, examine })
  const truth = openTruth({ ...parts, options: options.truth, instruments })
  return {
    lists,
    readings,
    gatherer: new ClusterGatherer({ ...lists, apiServer: () => cluster.apiServer() }, read, truth),
    subscribe(listener) {
      lists.onReservations(listener)
      truth.subscribe(listener)
    },
    start() {
      lists.start()
      truth.start()
    },
    async stop() {
      await Promise.all([lists.stop(), truth.stop()])
    },
  }
}
