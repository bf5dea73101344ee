/** The other Nodes that report, bear or hold what is asked for. */
import { nodeName } from './node-name.ts'
import { isApiServersOnControlPlane } from './reserved.ts'
import type { Rules } from './rules.ts'
import type { Claim, ClusterStage, Holding } from './types.ts'

/** A name in lower case, or an address. */
export interface Value {
  readonly kind: Claim['kind']
  readonly value: string
}

/** All other Nodes that report or bear it. */
export function rivalsOf(facts: ClusterStage, { kind, value }: Value): Claim[] {
  const { claims } = facts.cluster
  const all = claims.known ? claims.value : []
  return all.filter((one) => one.kind === kind && one.value === value && !isVoid(facts, one))
}

/** Whether one of these Nodes bears it: it is their name. */
export function isBorne(rivals: readonly Claim[], { value }: Value): boolean {
  return rivals.some(({ node }) => node === value)
}

/** The Node other than the requester that holds it; one that still reports it comes first, then the one that was granted it last. */
export function holdingOf(facts: ClusterStage, rules: Rules, value: Value): Holding | undefined {
  const own = nodeName(facts.csr.requester.username)
  const others = holdingsOf(facts, rules, value).filter((one) => one.node !== own && !isVoid(facts, one))
  const rank = ({ leftAt }: Holding): number => (leftAt === null ? 1 : 0)
  return others.toSorted((one, two) => rank(two) - rank(one) || two.grantedAt - one.grantedAt)[0]
}

/** All Node objects that hold it but the requester's own, one that had the requester's name among them. */
export function holdingsOf(facts: ClusterStage, { limits }: Rules, { kind, value }: Value): Holding[] {
  const { holdings } = facts.cluster
  const all = holdings.known ? holdings.value : []
  return all.filter(
    (one) => one.kind === kind && one.value === value && leftMs(facts, one) < limits.goneAfterMs,
  )
}

/** For how long the holder no longer reports it, 0 while it does. */
export function leftMs({ now }: ClusterStage, { leftAt }: Pick<Holding, 'leftAt'>): number {
  return leftAt === null ? 0 : Math.max(0, now - leftAt)
}

/** The API server's own names and addresses can belong to a control-plane Node only: those of a worker are void. */
function isVoid(
  facts: ClusterStage,
  { kind, value, controlPlane }: Pick<Claim, 'kind' | 'value' | 'controlPlane'>,
): boolean {
  return !controlPlane && isApiServersOnControlPlane(facts, kind === 'dNSName' ? 'name' : 'address', value)
}
