import type { Rules } from '../policies/rules.ts'
import { ClusterGatherer } from './facts/gather.ts'
import { createJudges, type Judges } from './facts/judges.ts'
import { Readings } from './facts/readings.ts'
import type { Cluster } from './kube/transport.ts'
import { Ledger } from './ledger/ledger.ts'
import { createLists, type Lists } from './lists.ts'
import { readUnverified } from './pkcs10/request.ts'
import type { Instruments, Log } from './ports.ts'
import { createExamine } from './x509/examine.ts'
import { Issuers } from './x509/issuers.ts'

/** Requests that the controller need not parse again, 700 of stock kubelets: in a burst, those between create and approval. */
const READINGS_MAX_BYTES = 2 * 1_048_576

interface JudgingParts {
  readonly cluster: Cluster
  readonly log: Log
  readonly instruments: Instruments
  /** The policy in force. */
  readonly rules: () => Rules
}

/** Lists of a cluster, not started yet, and the judges that draw on them. */
export interface OpenJudging {
  readonly lists: Lists
  readonly gatherer: ClusterGatherer
  readonly judges: Judges
  /** The CAs of the certificates that were issued. */
  readonly issuers: Issuers
}

/** The one judgement, for the service and for the command line. */
export function openJudging({ cluster, log, instruments, rules }: JudgingParts): OpenJudging {
  const readings = new Readings(readUnverified, READINGS_MAX_BYTES)
  const read = (request: string) => readings.read(request)
  const issuers = new Issuers(() => cluster.authorities())
  const examine = createExamine(issuers)
  const lists = createLists({ cluster, log, instruments, read, examine, ledger: null })
  const { clock } = cluster
  const outside = { ledger: new Ledger(null), prober: null, now: () => clock.serverNow() }
  const apiServer = () => cluster.apiServer()
  const gatherer = new ClusterGatherer({ ...lists, ...outside, apiServer }, read)
  const judges = createJudges({ gatherer, nodes: lists.nodes, readings, rules, clock, log })
  return { lists, gatherer, judges, issuers }
}
