import type { KeyName } from '../../kit/requests/keys.ts'
import type { RequestShape } from '../../kit/requests/request.ts'
import type { Random } from '../../kit/random.ts'

/**
 * Any request that a stock kubelet of any supported version can send: `newGetTemplateFn` of pkg/kubelet/certificate.
 * Names and addresses are those that its Node reports, without repetition, names in order, addresses in order of their
 * text; until 1.30 it may have no address.
 */
export function honestShape(random: Random): RequestShape {
  const node = nodeName(random)
  const names = new Set<string>()
  const addresses = new Set<string>()
  // The Hostname is an address where the node is named by one.
  const count = random.below(4)
  for (let index = 0; index < count; index += 1)
    names.add(random.pick([node, `${node}.${domain(random)}`, nodeName(random)]))
  const wanted = random.below(4) + (names.size === 0 ? 1 : 0)
  for (let index = 0; index < wanted; index += 1)
    addresses.add(random.percent(60) ? ipv4(random) : ipv6(random))
  return {
    key: kubeletKey(random),
    commonName: `system:node:${node}`,
    dnsNames: Array.from(names).toSorted(),
    addresses: Array.from(addresses).toSorted(),
  }
}

/** P-256 nearly always; the others by a kubelet with a key of its owner's making. */
const kubeletKey = (random: Random): KeyName =>
  random.percent(80) ? 'P-256' : random.pick(['Ed25519', 'Ed25519', 'P-384', 'P-521', 'RSA-2048', 'RSA-3072'])

const words = [
  'node',
  'worker',
  'ip-10-0-0-1',
  'kubernetes-worker',
  'gke-pool',
  '1234',
  'a',
  'control-plane',
  'x'.repeat(63),
]

/** RFC 1123 subdomains: what the API server takes for a Node's name, dotted ones too. */
function nodeName(random: Random): string {
  const word = random.pick(words)
  if (random.percent(30)) return word
  if (random.percent(50)) return `${word.slice(0, 50)}-${random.below(1000)}`
  return `${word.slice(0, 40)}-${random.below(1000)}.${domain(random)}`
}

const domain = (random: Random): string =>
  random.pick(['example.com', 'ec2.internal', 'lan', 'eu-west-1.compute.internal', 'c.project.internal'])

const ipv4 = (random: Random): string =>
  [random.pick([10, 172, 192, 203, 1]), random.below(256), random.below(256), random.below(256)].join('.')

/** Never in ::/8, where IPv4-mapped addresses are. */
function ipv6(random: Random): string {
  const groups = Array.from({ length: 7 }, () => random.below(0x1_0000).toString(16))
  return [random.pick(['fd00', '2001', 'fe80']), ...groups].join(':')
}
