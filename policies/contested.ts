import { YOUNGER_MS } from './checks/node-is-known.ts'
import { nodeName } from './checks/requester-is-node.ts'
import { fail, pass, unknown } from './check.ts'
import { quoted } from './text.ts'
import type { Claim, ClusterStage, Holding, NodeFacts, Outcome } from './types.ts'

interface Contest {
  readonly kind: Claim['kind']
  /** Lower-case names, or addresses. */
  readonly asked: readonly string[]
  readonly show: (value: string) => string
}

/**
 * Passes what no other Node claims, or what this very Node was last approved with. Age decides nothing: a hostile
 * node may be older than its victim or newer. Without evidence neither claimant is approved.
 */
export function judgeContest(facts: ClusterStage, { kind, asked, show }: Contest): Outcome {
  const { claims, holdings, node } = facts.cluster
  if (asked.length === 0) return pass
  if (!claims.known) return unknown(claims.because)
  for (const value of asked) {
    const claim = claims.value.find((other) => other.kind === kind && other.value === value)
    if (claim === undefined || isOwnName(facts, kind, value)) continue
    if (!holdings.known) return unknown(holdings.because)
    const holding = holdings.value.find((last) => last.kind === kind && last.value === value)
    if (!isHolder(facts, holding, node.known ? node.value : null))
      return fail(describe(facts, claim, show(value), holding))
  }
  return pass
}

/** The name under which the API server authenticates this node is its own, whoever else reports it. */
function isOwnName({ csr }: ClusterStage, kind: Claim['kind'], value: string): boolean {
  return kind === 'dNSName' && value === nodeName(csr.requester.username)
}

/** Approved to this user since its Node object exists, as NodeUnknown reckons it: an earlier Node of the same name was another Node. */
function isHolder({ csr }: ClusterStage, holding: Holding | undefined, node: NodeFacts | null): boolean {
  if (holding === undefined || node === null) return false
  return holding.username === csr.requester.username && node.createdAt - holding.createdAt <= YOUNGER_MS
}

function describe({ csr }: ClusterStage, claim: Claim, value: string, holding: Holding | undefined): string {
  const last =
    holding === undefined
      ? 'neither was approved with it yet'
      : `${quoted(holding.username)} was last approved with it`
  return `${value} is claimed by the Nodes ${quoted(nodeName(csr.requester.username) ?? '')} and ${quoted(claim.node)}; ${last}`
}
