import type { Rules } from '../policies/rules.ts'
import type { ClusterGatherer } from './facts/gather.ts'
import { openGatherer, openLists, type OpenLists } from './open-gatherer.ts'
import { openProber } from './open-prober.ts'
import { openTruth } from './open-truth.ts'
import type { Parts } from './parts.ts'
import type { Examine } from './ports.ts'

/** All that decisions of the service are made from. */
export interface OpenFacts extends OpenLists {
  readonly gatherer: ClusterGatherer
  /** Calls `listener` after each change that may concern any CSR: of what the cluster reserves, of the sources of truth. */
  subscribe(listener: () => void): void
  start(): void
  stop(): Promise<void>
}

interface FactsParts {
  /** Compares an issued certificate with the approved request. */
  readonly examine: Examine
  readonly rules: () => Rules
}

export function openFacts(parts: Parts, { examine, rules }: FactsParts): OpenFacts {
  const { options, cluster, log, metrics: recorder } = parts
  const opened = openLists({ cluster, log, recorder, examine, ledger: options.ledger })
  const { lists, ledger } = opened
  const prober = openProber(parts, { reserved: () => gatherer.reserved(), rules })
  const truth = openTruth({ ...parts, options: options.truth, recorder })
  const gatherer = openGatherer(opened, { cluster, grants: ledger, prober, truth })
  recorder.ledgerFrom(() => ledger.size())
  return {
    ...opened,
    gatherer,
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
