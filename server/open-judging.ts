import type { Rules } from '../policies/rules.ts'
import type { ClusterGatherer } from './facts/gather.ts'
import type { Grants } from './facts/grants.ts'
import { createJudges, type Judges } from './judges.ts'
import type { Cluster } from './kube/transport.ts'
import type { LedgerPlace } from './ledger/shard.ts'
import { openGatherer, openLists, type OpenLists } from './open-gatherer.ts'
import type { Recorder, Log } from './ports.ts'
import { createExamine } from './x509/examine.ts'
import { Issuers } from './x509/issuers.ts'

/** Where the installed ledger is; null: nothing is installed. Without permission to see it, why it is not known. */
export type InstalledLedger = LedgerPlace | null | { readonly notVisible: string }

interface JudgingParts {
  readonly cluster: Cluster
  readonly log: Log
  readonly recorder: Recorder
  readonly ledger: InstalledLedger
  /** The policy in force. */
  readonly rules: () => Rules
}

/** Lists of a cluster, not started yet, and the judges that draw on them. */
export interface OpenJudging extends OpenLists {
  readonly gatherer: ClusterGatherer
  readonly judges: Judges
  /** Why not everything is known, null if it is. */
  problem(): string | null
}

/** The service's judgement for the command line, which dials nobody and asks no source of truth. */
export function openJudging({ ledger: installed, rules, ...parts }: JudgingParts): OpenJudging {
  const { cluster, log } = parts
  const examine = createExamine(new Issuers(() => cluster.authorities()))
  const hidden = installed !== null && 'notVisible' in installed ? installed : null
  const place = installed === null || 'notVisible' in installed ? null : installed
  const opened = openLists({ ...parts, examine, ledger: place })
  const { lists, readings, ledger } = opened
  const grants = hidden === null ? ledger : unknownGrants(hidden.notVisible)
  const gatherer = openGatherer(opened, { cluster, grants, prober: null })
  const judges = createJudges({ gatherer, nodes: lists.nodes, readings, rules, clock: cluster.clock, log })
  const problem = (): string | null => gatherer.problem() ?? hidden?.notVisible ?? null
  return { ...opened, gatherer, judges, problem }
}

/** A ledger in which anything may be: what a Node asks for newly is unknown. */
function unknownGrants(because: string): Grants {
  return {
    of: () => undefined,
    having: () => [],
    incomplete: () => because,
    incompleteAnywhere: () => because,
    releasedAt: () => -Infinity,
  }
}
