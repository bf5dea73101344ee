/** What stock kubelets ask for. */
import type { KeyName } from '../../kit/requests/keys.ts'
import { buildRequest } from '../../kit/requests/request.ts'

interface Shape {
  readonly node: string
  readonly names: readonly string[]
  readonly addresses: readonly string[]
}

const LONGEST = `${'a.'.repeat(126)}a`

/** What Nodes report, by cloud and habit; `newGetTemplateFn` of pkg/kubelet/certificate makes the request of it. */
export const shapes: readonly Shape[] = [
  { node: 'node-1', names: ['node-1'], addresses: ['10.0.0.1'] },
  { node: 'node-1', names: ['node-1'], addresses: ['10.0.0.1', 'fd00::1'] },
  { node: 'node-1', names: ['node-1'], addresses: ['fd00::1'] },
  { node: 'node-1', names: [], addresses: ['10.0.0.1'] },
  { node: 'node-1', names: [], addresses: ['10.0.0.1', '203.0.113.9', '2001:db8::9', 'fd00::1'] },
  { node: 'node-1', names: ['node-1'], addresses: [] },
  {
    node: 'ip-10-0-0-1.ec2.internal',
    names: [
      'ec2-203-0-113-9.compute.amazonaws.com',
      'ip-10-0-0-1',
      'ip-10-0-0-1.ec2.internal',
      'node.example.com',
    ],
    addresses: ['10.0.0.1', '203.0.113.9'],
  },
  { node: '10.0.0.1', names: [], addresses: ['10.0.0.1'] },
  { node: '1234', names: ['1234'], addresses: ['10.0.0.1'] },
  { node: 'kubernetes-worker-1', names: ['kubernetes-worker-1'], addresses: ['10.0.0.1'] },
  { node: LONGEST, names: [LONGEST], addresses: ['10.0.0.1'] },
  { node: 'node-1', names: [], addresses: Array.from({ length: 100 }, (_, index) => `10.0.0.${index + 1}`) },
]

export const keys: readonly KeyName[] = [
  'P-256',
  'P-384',
  'P-521',
  'RSA-2048',
  'RSA-3072',
  'RSA-4096',
  'Ed25519',
]

export function requestOf(shape: Shape, key: KeyName): string {
  const { node, names, addresses: texts } = shape
  return buildRequest({ key, commonName: `system:node:${node}`, dnsNames: names, addresses: texts }).request
}
