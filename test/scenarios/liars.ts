/** Hostile Nodes that report what is not theirs, and ask for just what they report. */
import { ADVERTISED_ADDRESS, CONTROL_PLANE_HOST } from '../kit/places.ts'
import { reported, sansOf } from '../kit/kubelet/addresses.ts'
import type { NodeAddress } from '../kit/kubelet/addresses.ts'
import { buildRequest } from '../kit/requests/request.ts'
import { API_HOST, RESERVED_ADDRESS, RESERVED_NAME, SERVICE_ADDRESSES } from './settings.ts'
import { node } from './scenario.ts'
import type { Hostile, HostileNode } from './scenario.ts'

type Report = readonly [NodeAddress['type'], string]

/** One Node and the request that follows from its report; refused with `notYet`, since a corrected report heals it. */
function liar(title: string, name: string, reason: Hostile['reason'], ...pairs: readonly Report[]) {
  const reports = reported(['Hostname', name], ...pairs)
  const csr = () => ({
    request: buildRequest({ commonName: `system:node:${name}`, ...sansOf(reports) }).request,
  })
  return {
    node: { name, reports, has: reports.filter(({ address }) => isOwn(address)) },
    hostile: {
      title,
      by: node(name),
      csr,
      verdict: 'notYet',
      reason,
      dialled: reason === 'AddressContested',
    },
  } as const
}

/** Their machines are in this network; nobody has the address of the twins. */
function isOwn(address: string): boolean {
  return address.startsWith('10.0.') && address !== TWINS
}

const TWINS = '10.0.2.22'

const liars = [
  liar('reports the API server’s Service address', 'liar-2', 'AddressReserved', ['InternalIP', '10.96.0.1']),
  liar('reports a Service address', 'liar-3', 'AddressReserved', ['InternalIP', SERVICE_ADDRESSES[1]]),
  liar('reports a loopback address', 'liar-4', 'AddressReserved', ['InternalIP', '127.0.0.1']),
  liar('reports a reserved address', 'liar-5', 'AddressReserved', ['ExternalIP', RESERVED_ADDRESS]),
  liar(
    'reports kubernetes.default.svc',
    'liar-6',
    'NameReserved',
    ['InternalIP', '10.0.2.6'],
    ['InternalDNS', 'kubernetes.default.svc'],
  ),
  liar(
    'reports the control plane’s endpoint',
    'liar-8',
    'NameReserved',
    ['InternalIP', '10.0.2.8'],
    ['ExternalDNS', API_HOST],
  ),
  liar(
    'reports a reserved name',
    'liar-9',
    'NameReserved',
    ['InternalIP', '10.0.2.9'],
    ['ExternalDNS', RESERVED_NAME],
  ),
  liar('reports an address outside the policy', 'liar-10', 'AddressOutsidePolicy', [
    'InternalIP',
    '198.51.100.10',
  ]),
  liar(
    'reports a name outside the policy',
    'liar-11',
    'NameOutsidePolicy',
    ['InternalIP', '10.0.2.11'],
    ['ExternalDNS', 'liar-11.example.net'],
  ),
  liar('reports the same address as twin-2, neither approved yet', 'twin-1', 'AddressContested', [
    'InternalIP',
    TWINS,
  ]),
  liar('reports the same address as twin-1, neither approved yet', 'twin-2', 'AddressContested', [
    'InternalIP',
    TWINS,
  ]),
]

/** Claims what victim-1 holds: by name, by another name, by address. */
const THEFTS = [
  ['the victim’s address', 'AddressContested', ['InternalIP', '203.0.113.26']],
  ['the victim’s node name', 'NameContested', ['InternalDNS', 'victim-1']],
  ['the victim’s other name', 'NameContested', ['ExternalDNS', 'victim-1.example.com']],
] as const

const thieves = (age: 'older' | 'newer', subnet: number) =>
  THEFTS.map(([what, reason, claim], index) =>
    liar(
      `reports ${what}, ${age} than the victim`,
      `${age}-thief-${index + 1}`,
      reason,
      ['InternalIP', `10.0.${subnet}.${index + 1}`],
      claim,
    ),
  )

/** Claims what the control plane's own node holds; without the role that is nobody's. */
const usurpers = (age: 'older' | 'newer', subnet: number) => [
  liar(
    `reports the API server’s endpoint, ${age} than its node`,
    `${age}-usurper-1`,
    'AddressReserved',
    ['InternalIP', `10.0.${subnet}.11`],
    ['ExternalIP', ADVERTISED_ADDRESS],
  ),
  liar(
    `reports the API server’s host name, ${age} than its node`,
    `${age}-usurper-2`,
    'NameReserved',
    ['InternalIP', `10.0.${subnet}.12`],
    ['InternalDNS', CONTROL_PLANE_HOST],
  ),
]

interface Gang {
  readonly nodes: readonly HostileNode[]
  readonly hostile: readonly Hostile[]
}

function gang(members: readonly { readonly node: HostileNode; readonly hostile: Hostile }[]): Gang {
  return { nodes: members.map((member) => member.node), hostile: members.map((member) => member.hostile) }
}

/** Lie from the start, before any honest kubelet has asked: about the API server's own it gains and costs nothing. */
export const lying = gang([...liars, ...usurpers('older', 3)])
/** Registered before the victim, and honest until it has its certificate. */
export const older = gang(thieves('older', 3))
/** Registered after the victim has its certificate. */
export const newer = gang([...thieves('newer', 4), ...usurpers('newer', 4)])

function plain(name: string, address: string): HostileNode {
  const reports = reported(['Hostname', name], ['InternalIP', address])
  return { name, reports, has: reports }
}

/** The Nodes of those who do not lie about themselves: hostile.ts. */
export const plainNodes: readonly HostileNode[] = [
  plain('node-1', '10.0.0.1'),
  {
    ...plain('raw-1', '10.0.1.1'),
    spec: {
      taints: [
        { key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' },
      ],
    },
  },
]
