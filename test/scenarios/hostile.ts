/** What a compromised node, or someone else who may create CSRs, asks for. */
import { ADVERTISED_ADDRESS, CONTROL_PLANE_HOST } from '../kit/places.ts'
import type { CsrBody } from '../kit/kubelet/csr.ts'
import { type HostileCase, hostileCases, requestOf } from '../attacks/requests/index.ts'
import { buildRequest, type RequestShape } from '../kit/requests/request.ts'
import { type FaultCode, faultRules } from '../../server/der/faults.ts'
import { API_HOST, RESERVED_ADDRESS, RESERVED_NAME, SERVICE_ADDRESSES } from './settings.ts'
import { node, type Hostile, type Requester } from './scenario.ts'

/** The compromised node; what the builder of requests makes by default is its honest request. */
const attacker = node('node-1')
const ADDRESS = '10.0.0.1'

const asks = (shape: RequestShape, rest: Partial<CsrBody> = {}) => ({
  by: attacker,
  csr: () => ({ request: buildRequest(shape).request, ...rest }),
})
const named = (name: string) => asks({ dnsNames: ['node-1', name] })
const addressed = (address: string) => asks({ addresses: [ADDRESS, address] })
const spoken = (by: Requester, shape: RequestShape = {}) => ({ ...asks(shape), by })

const requesters: readonly Hostile[] = [
  {
    title: 'a service account asks as a node',
    ...spoken({
      user: 'system:serviceaccount:default:builder',
      groups: ['system:serviceaccounts'],
      mayCreate: true,
    }),
    verdict: 'deny',
    reason: 'RequesterNotNode',
  },
  {
    title: 'a bootstrap token asks as a node',
    ...spoken({ user: 'system:bootstrap:abcdef', groups: ['system:bootstrappers'], mayCreate: true }),
    verdict: 'deny',
    reason: 'RequesterNotNode',
  },
  {
    title: 'a person who may create CSRs asks as a node',
    ...spoken({ user: 'alice', groups: [], mayCreate: true }),
    verdict: 'deny',
    reason: 'RequesterNotNode',
  },
  {
    title: 'an administrator asks as a node',
    ...spoken({ user: 'root@example.com', groups: ['system:masters'] }),
    verdict: 'deny',
    reason: 'RequesterNotNode',
  },
  {
    title: 'a node’s user outside the group of nodes',
    ...spoken({ user: 'system:node:node-1', groups: [], mayCreate: true }),
    verdict: 'deny',
    reason: 'RequesterNotNode',
  },
  {
    title: 'a node with a name no Node can have',
    ...spoken(node('Node-1'), { commonName: 'system:node:Node-1' }),
    verdict: 'deny',
    reason: 'RequesterNotNode',
  },
  {
    title: 'a group of nodes that is no node',
    ...spoken({ user: 'mallory', groups: ['system:nodes'], mayCreate: true }, { commonName: 'mallory' }),
    verdict: 'deny',
    reason: 'RequesterNotNode',
  },
  {
    title: 'the key of a node that was removed',
    ...spoken(node('removed-1'), { commonName: 'system:node:removed-1', dnsNames: ['removed-1'] }),
    verdict: 'notYet',
    reason: 'NodeUnknown',
  },
  {
    title: 'a node that the cloud has not initialized',
    ...spoken(node('raw-1'), {
      commonName: 'system:node:raw-1',
      dnsNames: ['raw-1'],
      addresses: ['10.0.1.1'],
    }),
    verdict: 'notYet',
    reason: 'NodeUnknown',
  },
]

const objects: readonly Hostile[] = [
  {
    title: 'a finalizer that keeps the CSR for ever',
    ...asks({}, { metadata: { generateName: 'csr-', finalizers: ['example.com/keep'] } }),
    verdict: 'deny',
    reason: 'MetadataHasExtras',
  },
  {
    title: 'an owner',
    ...asks(
      {},
      {
        metadata: {
          generateName: 'csr-',
          ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'x', uid: 'x' }],
        },
      },
    ),
    verdict: 'deny',
    reason: 'MetadataHasExtras',
  },
  {
    title: 'a client certificate beside',
    ...asks({}, { usages: ['digital signature', 'server auth', 'client auth'] }),
    verdict: 'deny',
    reason: 'UsagesNotServing',
  },
  {
    title: 'a certificate to sign certificates',
    ...asks({}, { usages: ['digital signature', 'server auth', 'cert sign'] }),
    verdict: 'deny',
    reason: 'UsagesNotServing',
  },
  {
    title: 'server auth alone',
    ...asks({}, { usages: ['server auth'] }),
    verdict: 'deny',
    reason: 'UsagesNotServing',
  },
  {
    title: 'the organization system:masters',
    ...asks({ organizations: ['system:masters'] }),
    verdict: 'deny',
    reason: 'OrganizationNotSystemNodes',
  },
  {
    title: 'ten years of life',
    ...asks({}, { expirationSeconds: 10 * 365 * 86_400 }),
    verdict: 'notYet',
    reason: 'LifetimeNotAllowed',
  },
]

const names = [
  ['the API server’s Service', 'kubernetes.default.svc', 'NameReserved'],
  ['the API server’s short name', 'kubernetes', 'NameReserved'],
  ['the API server’s name in capitals', 'KUBERNETES.default', 'NameReserved'],
  ['the API server’s host', CONTROL_PLANE_HOST, 'NameReserved'],
  ['the control plane’s endpoint', API_HOST, 'NameReserved'],
  ['another Service', 'metrics-server.kube-system.svc', 'NameReserved'],
  ['a name under the cluster domain', 'db.prod.svc.cluster.local', 'NameReserved'],
  ['localhost', 'localhost', 'NameReserved'],
  ['a name the policy reserves', RESERVED_NAME, 'NameReserved'],
  ['another node’s name', 'victim-1', 'NameNotOfNode'],
  ['a node’s name that begins with its own', 'node-10', 'NameNotOfNode'],
  ['its own name in a foreign domain', 'node-1.example.com', 'NameNotOfNode'],
] as const

const addresses = [
  ['the API server’s endpoint', ADVERTISED_ADDRESS, 'AddressReserved'],
  ['the API server’s Service address', '10.96.0.1', 'AddressReserved'],
  ['another Service’s address', SERVICE_ADDRESSES[0], 'AddressReserved'],
  ['loopback', '127.0.0.1', 'AddressReserved'],
  ['loopback, IPv6', '::1', 'AddressReserved'],
  ['the cloud’s metadata service', '169.254.169.254', 'AddressReserved'],
  ['a link-local IPv6 address', 'fe80::1', 'AddressReserved'],
  ['the unspecified address', '0.0.0.0', 'AddressReserved'],
  ['a multicast address', '224.0.0.1', 'AddressReserved'],
  ['the broadcast address', '255.255.255.255', 'AddressReserved'],
  ['an address the policy reserves', RESERVED_ADDRESS, 'AddressReserved'],
  ['another node’s address', '203.0.113.26', 'AddressNotOfNode'],
  ['an address nobody has', '10.0.0.250', 'AddressNotOfNode'],
] as const

const noAddress: Hostile = {
  title: 'a name without any address',
  ...asks({ addresses: [] }),
  verdict: 'notYet',
  reason: 'AddressMissing',
}

/** From the catalogue of malformed requests, those that the API server itself stores. */
const CATALOGUE = [
  'text-before-the-block',
  'second-block-after',
  'header',
  'carriage-return-in-the-body',
  'high-tag-number',
  'indefinite-length',
  'length-with-leading-zeros',
  'nested-too-deep-in-an-extension',
  'too-many-elements',
  'oid-arc-of-2-to-the-31',
  'set-unsorted',
  'organizational-unit',
  'rdn-of-two',
  'common-name-in-bmp',
  'second-organization',
  'second-value-of-extension-request',
  'challenge-password',
  'basic-constraints-of-a-ca',
  'names-101',
  'other-name',
  'email',
  'uri',
  'wildcard',
  'trailing-dot',
  'nul-inside',
  'newline-inside',
  'name-that-reads-as-an-address',
  'address-mapped',
  'rsa-1024',
  'p-224',
  'sha-1',
]

const malformed: readonly Hostile[] = CATALOGUE.map((title) => {
  const found = hostileCases.find((known) => known.title === title)
  if (found === undefined) throw new Error(`the catalogue has no ${title}`)
  return {
    title: title.replaceAll('-', ' '),
    by: attacker,
    csr: () => ({ request: requestOf(found) }),
    verdict: 'deny',
    ...expected(found),
  }
})

function expected({ expect }: HostileCase): Pick<Hostile, 'reason' | 'fault'> {
  return isFault(expect) ? { reason: 'CsrUnreadable', fault: expect } : { reason: expect }
}

function isFault(code: HostileCase['expect']): code is FaultCode {
  return code in faultRules
}

export const hostile: readonly Hostile[] = [
  ...requesters,
  ...objects,
  ...malformed,
  ...names.map(([title, name, reason]) => ({ title, ...named(name), verdict: 'notYet' as const, reason })),
  ...addresses.map(([title, address, reason]) => ({
    title,
    ...addressed(address),
    verdict: 'notYet' as const,
    reason,
  })),
  noAddress,
]
