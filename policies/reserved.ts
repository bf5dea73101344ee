import { contains, formatPrefix, parsePrefix } from './address.ts'
import { fail, pass, unknown } from './check.ts'
import type { Rules } from './rules.ts'
import { shown } from './text.ts'
import type { Address, ClusterFacts, ClusterStage, NodeFacts, Outcome, Prefix, Reservation } from './types.ts'

/** Who a name or address is reserved to; undefined when it is free. */
export type Reserved = { readonly origin: string; readonly apiServer: boolean } | undefined

/** No policy can give these away. */
const builtInRanges: readonly { readonly prefix: Prefix; readonly origin: string }[] = [
  ['0.0.0.0/8', 'unspecified, RFC 1122 §3.2.1.3'],
  ['127.0.0.0/8', 'loopback, RFC 1122 §3.2.1.3'],
  ['169.254.0.0/16', 'link-local, RFC 3927'],
  ['224.0.0.0/4', 'multicast, RFC 5771'],
  ['240.0.0.0/4', 'reserved and broadcast, RFC 1112 §4'],
  ['::/128', 'unspecified, RFC 4291 §2.5.2'],
  ['::1/128', 'loopback, RFC 4291 §2.5.3'],
  ['fe80::/10', 'link-local, RFC 4291 §2.5.6'],
  ['ff00::/8', 'multicast, RFC 4291 §2.7'],
].map(([text = '', origin = '']) => {
  const prefix = parsePrefix(text)
  if (prefix === undefined) throw new Error(`a built-in range is wrong: ${text}`)
  return { prefix, origin }
})

/** What is reserved whatever the cluster says: by nature, by the cluster's own naming, or by policy. `name` in lower case. */
export function reservedNameByRule(name: string, { settings }: Rules): Reserved {
  if (name === 'kubernetes' || name.startsWith('kubernetes.')) return byRule('the API server’s own name')
  if (isUnder(name, settings.clusterDomain.toLowerCase())) return byRule('under the cluster domain')
  if (isUnder(name, 'svc')) return byRule('a Service’s name')
  if (isUnder(name, 'localhost') || name === 'localhost.localdomain')
    return byRule('the local host, RFC 6761 §6.3')
  const rule = settings.reserved.names.find((reserved) => matchesReserved(name, reserved.toLowerCase()))
  return rule === undefined ? undefined : byRule(`${shown(rule)} of reserved.names in the policy`)
}

export function reservedAddressByRule(address: Address, { reservedAddresses }: Rules): Reserved {
  const builtIn = builtInRanges.find(({ prefix }) => contains(prefix, address))
  if (builtIn !== undefined) return byRule(builtIn.origin)
  const reserved = reservedAddresses.find((prefix) => contains(prefix, address))
  return reserved === undefined
    ? undefined
    : byRule(`${formatPrefix(reserved)} of reserved.addresses in the policy`)
}

/** The strongest reservation of the cluster: one of another owner comes before one of the API server. */
export function reservedByCluster(
  kind: 'name' | 'address',
  value: string,
  { cluster: { reserved } }: ClusterStage,
): Reserved {
  const entries = reserved.known ? reserved.value : []
  const holders = entries.filter((entry) => holds(entry, kind, value))
  return holders.find(({ apiServer }) => !apiServer) ?? holders[0]
}

interface Reserving {
  /** Lower-case names, or addresses. */
  readonly asked: readonly string[]
  readonly holderOf: (value: string) => Reserved
  /** What the requester's Node reports, of the same kind. */
  readonly reported: (node: NodeFacts) => readonly string[]
  /** As text, of any length and with any character. */
  readonly show: (value: string) => string
}

/**
 * Fails what is reserved to someone else. Without the facts that could clear it, it is unknown. A reservation by
 * rule needs no fact.
 */
export function areUnreserved(facts: ClusterStage, { asked, holderOf, reported, show }: Reserving): Outcome {
  const { node, reserved } = facts.cluster
  if (asked.length === 0) return pass
  let missing = reserved.known ? undefined : reserved.because
  for (const value of asked) {
    const holder = holderOf(value)
    if (holder === undefined) continue
    if (holder.apiServer && !node.known) missing ??= node.because
    else if (!isOwnOnControlPlane(holder, node, (own) => reported(own).includes(value)))
      return refuse(shown(show(value)), holder)
  }
  return missing === undefined ? pass : unknown(missing)
}

function refuse(value: string, holder: NonNullable<Reserved>): Outcome {
  const publicDetail = `${value} is reserved. A node may not ask for it`
  return fail(`${value} is reserved: ${explain(holder)}`, { publicDetail })
}

function explain({ origin, apiServer }: NonNullable<Reserved>): string {
  return apiServer
    ? `${origin}. Only a Node that reports it and has the label node-role.kubernetes.io/control-plane may ask for it`
    : origin
}

/** Whether it is the API server's own, and so the requester's, whose Node reports it and is a control plane. */
export function isApiServersOnControlPlane(
  facts: ClusterStage,
  kind: 'name' | 'address',
  value: string,
): boolean {
  const holder = reservedByCluster(kind, value, facts)
  const reported = ({ names, addresses }: NodeFacts) => (kind === 'name' ? names : addresses)
  return (
    holder !== undefined &&
    isOwnOnControlPlane(holder, facts.cluster.node, (own) => reported(own).includes(value))
  )
}

/**
 * The API server's names and addresses are the control-plane Node's own where that Node reports them: it carries
 * the role label, which NodeRestriction keeps a kubelet from giving itself.
 */
function isOwnOnControlPlane(
  { apiServer }: { readonly apiServer: boolean },
  node: ClusterFacts['node'],
  reports: (node: NodeFacts) => boolean,
): boolean {
  return apiServer && node.known && node.value?.controlPlane === true && reports(node.value)
}

/** `address/bits` with the address in hex, as a {@link Reservation} carries a prefix. */
export function encodePrefix({ address, bits }: Prefix): string {
  return `${address}/${bits}`
}

function holds(entry: Reservation, kind: 'name' | 'address', value: string): boolean {
  if (entry.kind !== 'prefix') return entry.kind === kind && entry.value === value
  if (kind !== 'address') return false
  const [address = '', bits = ''] = entry.value.split('/')
  return contains({ address, bits: Number(bits) }, value)
}

/** A rule with a leading dot reserves everything under it. */
function matchesReserved(name: string, rule: string): boolean {
  return rule.startsWith('.') ? name.endsWith(rule) : name === rule
}

function isUnder(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`)
}

function byRule(origin: string): Reserved {
  return { origin, apiServer: false }
}
