import { ADVERTISED_ADDRESS, CONTROL_PLANE_HOST } from '../kit/places.ts'
import { reported } from '../kit/kubelet/addresses.ts'
import type { Honest } from './scenario.ts'

/** Addresses from RFC 5737 and RFC 3849. */
export const honest: readonly Honest[] = [
  {
    title: 'dual stack',
    name: 'dual-1',
    addresses: reported(
      ['Hostname', 'dual-1'],
      ['InternalIP', '203.0.113.11'],
      ['InternalIP', '2001:db8::11'],
    ),
  },
  {
    title: 'IPv6 only',
    name: 'six-1',
    addresses: reported(['Hostname', 'six-1'], ['InternalIP', '2001:db8::12']),
  },
  {
    title: 'addresses without a name',
    name: 'ip-only-1',
    addresses: reported(['InternalIP', '203.0.113.13']),
  },
  {
    title: 'several names, inner and outer address',
    name: 'cloud-1',
    addresses: reported(
      ['Hostname', 'cloud-1'],
      ['InternalDNS', 'cloud-1.internal.example.com'],
      ['ExternalDNS', 'cloud-1.example.com'],
      ['InternalIP', '203.0.113.14'],
      ['ExternalIP', '203.0.113.114'],
    ),
  },
  {
    title: 'a host name that is an address',
    name: '203.0.113.15',
    addresses: reported(['Hostname', '203.0.113.15'], ['InternalIP', '203.0.113.15']),
  },
  {
    title: 'a node name with dots',
    name: 'n16.rack-1.example.com',
    addresses: reported(['Hostname', 'n16.rack-1.example.com'], ['InternalIP', '203.0.113.16']),
  },
  {
    title: 'a node called kubernetes-worker-1',
    name: 'kubernetes-worker-1',
    addresses: reported(['Hostname', 'kubernetes-worker-1'], ['InternalIP', '203.0.113.17']),
  },
  {
    title: 'a name that begins with the hostile node’s',
    name: 'node-10',
    addresses: reported(['Hostname', 'node-10'], ['InternalIP', '203.0.113.18']),
  },
  {
    title: 'RSA-2048, with key encipherment',
    name: 'rsa-1',
    key: 'RSA-2048',
    addresses: reported(['Hostname', 'rsa-1'], ['InternalIP', '203.0.113.19']),
  },
  {
    title: 'ECDSA P-384',
    name: 'p384-1',
    key: 'P-384',
    addresses: reported(['Hostname', 'p384-1'], ['InternalIP', '203.0.113.20']),
  },
  {
    title: 'ECDSA P-521',
    name: 'p521-1',
    key: 'P-521',
    addresses: reported(['Hostname', 'p521-1'], ['InternalIP', '203.0.113.21']),
  },
  {
    title: 'Ed25519',
    name: 'ed25519-1',
    key: 'Ed25519',
    addresses: reported(['Hostname', 'ed25519-1'], ['InternalIP', '203.0.113.22']),
  },
  {
    title: 'ECDSA with key encipherment, as before 1.27',
    name: 'old-1',
    keyEncipherment: true,
    addresses: reported(['Hostname', 'old-1'], ['InternalIP', '203.0.113.23']),
  },
  {
    title: 'addresses that appear late',
    name: 'late-1',
    lateMs: 1_500,
    addresses: reported(['Hostname', 'late-1'], ['InternalIP', '203.0.113.24']),
  },
  {
    title: 'the control plane’s own node',
    name: CONTROL_PLANE_HOST,
    controlPlane: true,
    addresses: reported(['Hostname', CONTROL_PLANE_HOST], ['InternalIP', ADVERTISED_ADDRESS]),
  },
  {
    title: 'a node whose podCIDR is 0.0.0.0/0',
    name: 'wide-1',
    spec: { podCIDR: '0.0.0.0/0', podCIDRs: ['0.0.0.0/0'] },
    addresses: reported(['Hostname', 'wide-1'], ['InternalIP', '203.0.113.25']),
  },
  {
    title: 'the victim, whose name and address others report',
    name: 'victim-1',
    addresses: reported(
      ['Hostname', 'victim-1'],
      ['InternalDNS', 'victim-1.example.com'],
      ['InternalIP', '203.0.113.26'],
    ),
  },
]
