/** Whose each name and address of the suite is, as an inventory would say it: whatever a Node reports of itself. */
import { BlockList, isIP, SocketAddress } from 'node:net'
import { clusterFile, honestCases } from '../suite.ts'

const { apiServer, policy, serviceCidrs, nodes } = clusterFile

/** Names without case and final dot, addresses in one spelling, so that equal ones are equal texts. */
function spelled(value: string): string {
  const family = isIP(value)
  if (family === 6) return new SocketAddress({ address: value, family: 'ipv6' }).address
  return family === 4 ? value : value.toLowerCase().replace(/\.$/, '')
}

/** No node's: the API server's, Services', what the operator keeps back, and what RFC 6890 gives to nobody. */
const clusterNames = new Set([...apiServer.names, apiServer.endpoint, ...policy.reservedNames].map(spelled))
const SPECIAL = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::/127',
  'fe80::/10',
  'ff00::/8',
]
const clusterAddresses = new BlockList()
for (const range of [...serviceCidrs, ...SPECIAL]) {
  const [address = '', length] = range.split('/')
  clusterAddresses.addSubnet(address, Number(length), familyOf(address))
}
for (const address of [...apiServer.addresses, ...policy.reservedAddresses]) {
  clusterAddresses.addAddress(address, familyOf(address))
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}

function isClusters(value: string): boolean {
  return isIP(value) > 0 ? clusterAddresses.check(value, familyOf(value)) : clusterNames.has(value)
}

/**
 * Honest nodes first: what they report is theirs. Of the others a name or address is the first's that reports it,
 * unless it is a node's already or the cluster's, so a lie gains nothing, and what is merely outside our policy is
 * its node's own.
 */
function whose(): ReadonlyMap<string, string> {
  const honestNames = new Set(honestCases.map(({ node }) => node))
  const isHonest = ({ name }: { readonly name: string }) => honestNames.has(name)
  const owners = new Map(nodes.map(({ name }) => [spelled(name), name]))
  for (const node of [...nodes.filter(isHonest), ...nodes.filter((one) => !isHonest(one))]) {
    for (const value of node.reports.map(({ address }) => spelled(address))) {
      if (isHonest(node) || !isClusters(value)) owners.set(value, owners.get(value) ?? node.name)
    }
  }
  return owners
}

const owners = whose()

/** The node that a name or address belongs to; undefined when it is nobody's, or the cluster's. */
export function ownerOf(value: string): string | undefined {
  return owners.get(spelled(value))
}

/** What a name server of this network answers: each name with the addresses of its node. */
export const zone: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  [...owners]
    .filter(([value]) => isIP(value) === 0)
    .map(([name, owner]) => [
      name,
      [...owners].filter(([value, other]) => other === owner && isIP(value) > 0).map(([value]) => value),
    ]),
)

/** The same as /etc/hosts. */
export function hostsFile(): string {
  const lines = Object.entries(zone).flatMap(([name, addresses]) =>
    addresses.map((address) => `${address} ${name}`),
  )
  return ['127.0.0.1 localhost', ...lines, ''].join('\n')
}
