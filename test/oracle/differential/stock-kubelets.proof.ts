import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  goodFacts,
  goodNode,
  judge,
  rulesWith,
  withCsr,
  withNode,
  withRequester,
} from '../../../policies/good-request.fixture.ts'
import { addresses, dnsNames } from '../../../policies/request.ts'
import type { ParsedRequest } from '../../../policies/types.ts'
import { readRequest } from '../../../server/pkcs10/request.ts'
import { oracleFor } from '../oracle.ts'
import type { KeyName } from '../../kit/requests/keys.ts'
import { buildRequest } from '../../kit/requests/request.ts'
import { honestShape } from './honest.ts'
import { judgeCase } from './judge.ts'
import { randomFrom } from './random.ts'

interface Shape {
  readonly node: string
  readonly names: readonly string[]
  readonly addresses: readonly string[]
}

const LONGEST = `${'a.'.repeat(126)}a`

/** What Nodes report, by cloud and habit; `newGetTemplateFn` of pkg/kubelet/certificate makes the request of it. */
const shapes: readonly Shape[] = [
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

const keys: readonly KeyName[] = ['P-256', 'P-384', 'P-521', 'RSA-2048', 'RSA-3072', 'RSA-4096', 'Ed25519']

/** Since 1.27 key encipherment is asked for with RSA alone; before, with every key. */
const usages = [
  ['digital signature', 'server auth'],
  ['digital signature', 'key encipherment', 'server auth'],
]

function requestOf(shape: Shape, key: KeyName): string {
  const { node, names, addresses: texts } = shape
  return buildRequest({ key, commonName: `system:node:${node}`, dnsNames: names, addresses: texts }).request
}

/** The facts of a Node that reports just what its kubelet asks for. */
function factsOf(
  request: ParsedRequest,
  name: string,
  asked: readonly string[],
): Parameters<typeof judge>[0] {
  const node = { ...goodNode, name, names: dnsNames(request), addresses: addresses(request) }
  return withRequester(
    { username: `system:node:${name}` },
    withCsr({ usages: asked }, withNode(node, { ...goodFacts, request })),
  )
}

test('whatever a stock kubelet of any version sends for what its Node reports is approved', async () => {
  // Until 1.30 a kubelet asked also when its Node had no address.
  const rules = await rulesWith({ requireAddress: false })
  for (const key of keys) {
    for (const shape of shapes) {
      const read = readRequest(requestOf(shape, key))
      assert.ok(read.readable)
      for (const asked of usages) {
        const { verdict, message } = judge(factsOf(read, shape.node, asked), rules)
        assert.equal(verdict, 'approve', `${key} ${JSON.stringify(shape)}: ${message}`)
      }
    }
  }
})

test('whatever a stock kubelet sends, Kubernetes and we read alike', async (context) => {
  await using oracle = await oracleFor(context)
  if (!oracle) return
  const requests = [
    ...keys.flatMap((key) => shapes.map((shape) => requestOf(shape, key))),
    ...Array.from({ length: 500 }, (_, seed) => buildRequest(honestShape(randomFrom(seed))).request),
  ]
  for (const request of requests) {
    assert.deepEqual(
      await judgeCase({ seed: 0, origin: 'honest', request }, oracle),
      { outcome: 'both accept' },
      request,
    )
  }
})
