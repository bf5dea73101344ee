import { contains, embeddedIPv4, formatAddress, formatPrefix, parsePrefix } from './address.ts'
import { fail, pass, unknown } from './check.ts'
import type { Rules } from './rules.ts'
import { shown } from './text.ts'
import type { Address, ClusterFacts, ClusterStage, NodeFacts, Outcome, Prefix, Reservation } from './types.ts'

/** Who a name or address is reserved to; undefined when it is free. */
export type Reserved = { readonly origin: string; readonly apiServer: boolean } | undefined

/** The facts from which it is known. */
interface Reservable {
  readonly cluster: Pick<ClusterFacts, 'reserved'>
}

/** No policy can give these away. */
const builtInRanges: readonly { readonly prefix: Prefix; readonly origin: string }[] = [
  ['0.0.0.0/8', 'unspecified, RFC 1122 §3.2.1.3'],
  ['127.0.0.0/8', 'loopback, RFC 1122 §3.2.1.3'],
  ['169.254.0.0/16', 'link-local, RFC 3927'],
  ['192.88.99.0/24', 'anycast of 6to4 relays, RFC 7526'],
  ['224.0.0.0/4', 'multicast, RFC 5771'],
  ['240.0.0.0/4', 'reserved and broadcast, RFC 1112 §4'],
  ['::/128', 'unspecified, RFC 4291 §2.5.2'],
  ['::1/128', 'loopback, RFC 4291 §2.5.3'],
  ['fe80::/10', 'link-local, RFC 4291 §2.5.6'],
  ['fec0::/10', 'site-local, RFC 3879'],
  ['ff00::/8', 'multicast, RFC 4291 §2.7'],
].map(([text = '', origin = '']) => {
  const prefix = parsePrefix(text)
  if (prefix === undefined) throw new Error(`a built-in range is wrong: ${text}`)
  return { prefix, origin }
})

/** Names that hosts files, container engines and clouds give to something else, in lower case. */
const wellKnownNames: ReadonlyMap<string, string> = new Map([
  ...[
    'localhost.localdomain',
    'localhost4',
    'localhost4.localdomain4',
    'localhost6',
    'localhost6.localdomain6',
    'ip6-localhost',
    'ip6-loopback',
  ].map((name) => [name, 'the local host in common hosts files'] as const),
  ...['ip6-localnet', 'ip6-mcastprefix', 'ip6-allnodes', 'ip6-allrouters', 'broadcasthost'].map(
    (name) => [name, 'not a host in common hosts files'] as const,
  ),
  ...[
    'host.docker.internal',
    'gateway.docker.internal',
    'host.containers.internal',
    'host.minikube.internal',
  ].map((name) => [name, 'the host or gateway of a container engine'] as const),
  ...['metadata.google.internal', 'metadata.goog', 'instance-data', 'instance-data.ec2.internal'].map(
    (name) => [name, 'a cloud’s metadata service'] as const,
  ),
  ...['kube-apiserver', 'kube-dns', 'metrics-server'].map(
    (name) => [name, 'a component’s name, as pods in kube-system resolve it'] as const,
  ),
])

/**
 * Namespaces in which tenants create no Services, besides those of the policy. Pods resolve `a.kube-system` by the search domain
 * `svc.<cluster domain>`, and `pod.a.kube-system`, too.
 */
const clusterNamespaces: ReadonlySet<string> = new Set([
  'default',
  'kube-system',
  'kube-public',
  'kube-node-lease',
])

/** What is reserved whatever the cluster says: by nature, by the cluster's own naming, or by policy. `name` in lower case. */
export function reservedNameByRule(name: string, { settings }: Rules): Reserved {
  if (name === 'kubernetes' || name.startsWith('kubernetes.')) return byRule('the API server’s own name')
  if (isUnder(name, settings.clusterDomain.toLowerCase())) return byRule('under the cluster domain')
  if (isUnder(name, 'svc')) return byRule('a Service’s name')
  if (isUnder(name, 'localhost')) return byRule('the local host, RFC 6761 §6.3')
  const wellKnown = wellKnownNames.get(name)
  if (wellKnown !== undefined) return byRule(wellKnown)
  return reservedNameByPolicy(name, settings)
}

function reservedNameByPolicy(
  name: string,
  { reserved: { namespaces, names } }: Rules['settings'],
): Reserved {
  const namespace = name.slice(name.lastIndexOf('.') + 1)
  if (namespace !== name && (clusterNamespaces.has(namespace) || namespaces.includes(namespace)))
    return byRule(`a Service’s name in the namespace ${namespace}, as pods resolve it`)
  const rule = names.find((reserved) => matchesReserved(name, reserved.toLowerCase()))
  return rule === undefined ? undefined : byRule(`${shown(rule)} of reserved.names in the policy`)
}

/**
 * Whether an address is reserved, by rule or by the cluster, or is another spelling of an IPv4 address that is: a gateway or a
 * tunnel on the way may deliver `64:ff9b::10.96.0.1` to 10.96.0.1.
 */
export function reservedAddress(address: Address, facts: Reservable, rules: Rules): Reserved {
  const itself = reservedAddressByRule(address, rules) ?? reservedByCluster('address', address, facts)
  if (itself !== undefined) return itself
  for (const embedded of embeddedIPv4(address)) {
    const holder = reservedAddressByRule(embedded, rules) ?? reservedByCluster('address', embedded, facts)
    if (holder !== undefined) return byRule(`it contains ${formatAddress(embedded)}, ${holder.origin}`)
  }
  return undefined
}

function reservedAddressByRule(address: Address, { reservedAddresses }: Rules): Reserved {
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
  { cluster: { reserved } }: Reservable,
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
  if (entry.kind === 'domain') return kind === 'name' && isUnder(value, entry.value)
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
