import { YOUNGER_MS } from './checks/node-is-known.ts'
import { fail, pass, unknown } from './check.ts'
import { nodeName, shownNode } from './node-name.ts'
import { isApiServersOnControlPlane } from './reserved.ts'
import { shown } from './text.ts'
import type { Claim, ClusterStage, Holding, NodeFacts, Outcome } from './types.ts'

interface Contest {
  readonly kind: Claim['kind']
  /** Lower-case names, or addresses. */
  readonly asked: readonly string[]
  /** As text, of any length and with any character. */
  readonly show: (value: string) => string
}

/**
 * Passes what no other Node claims, or what this very Node was last approved with. Age decides nothing: a hostile
 * node may be older than its victim or newer. Without evidence neither claimant is approved.
 */
export function findContest(facts: ClusterStage, contest: Contest): Outcome {
  const outcomes = contest.asked.map((value) => contestOf(facts, contest, value))
  const strongest = (wanted: Outcome['outcome']) => outcomes.find(({ outcome }) => outcome === wanted)
  return strongest('fail') ?? strongest('unknown') ?? pass
}

function contestOf(facts: ClusterStage, { kind, show }: Contest, value: string): Outcome {
  const { claims, holdings, node } = facts.cluster
  if (!claims.known) return unknown(claims.because)
  const claim = claims.value.find((other) => other.kind === kind && other.value === value)
  if (claim === undefined || isOwnName(facts, kind, value) || isVoid(facts, claim)) return pass
  if (!holdings.known) return unknown(holdings.because)
  const holding = holdings.value.find((last) => last.kind === kind && last.value === value)
  const text = shown(show(value))
  const contested = fail(describe(facts, claim, text, holding), {
    publicDetail: describePublicly(kind, text),
  })
  if (holding?.username !== facts.csr.requester.username) return contested
  if (!node.known) return unknown(node.because)
  return isOfNode(holding, node.value) ? pass : contested
}

/** The name under which the API server authenticates this node is its own, whoever else reports it. */
function isOwnName({ csr }: ClusterStage, kind: Claim['kind'], value: string): boolean {
  return kind === 'dNSName' && value === nodeName(csr.requester.username)
}

/** The API server's own names and addresses can belong to a control-plane Node only: the claim of a worker is void. */
function isVoid(facts: ClusterStage, { kind, value, controlPlane }: Claim): boolean {
  return !controlPlane && isApiServersOnControlPlane(facts, kind === 'dNSName' ? 'name' : 'address', value)
}

/** Asked for since the Node exists, as NodeUnknown reckons it: an earlier Node of the same name was another Node. */
function isOfNode({ createdAt }: Holding, node: NodeFacts | null): boolean {
  return node !== null && node.createdAt - createdAt <= YOUNGER_MS
}

function describePublicly(kind: Claim['kind'], value: string): string {
  const what = kind === 'iPAddress' ? 'address' : 'name'
  return `another Node also claims ${value}. Remove the ${what} from the wrong Node`
}

function describe({ csr }: ClusterStage, claim: Claim, value: string, holding: Holding | undefined): string {
  const [verb, what] = claim.kind === 'iPAddress' ? ['report', 'address'] : ['claim', 'name']
  const { username } = csr.requester
  const owner =
    holding === undefined
      ? ' and no earlier certificate shows the owner'
      : `; the last certificate with it went to ${holding.username === username ? 'an earlier ' : ''}${shownNode(holding.username)}`
  return `Nodes ${shown(nodeName(username) ?? username)} and ${shown(claim.node)} both ${verb} ${value}${owner}. Remove the ${what} from the wrong Node`
}
