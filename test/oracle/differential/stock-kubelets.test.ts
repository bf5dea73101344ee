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
import { keys, requestOf, shapes } from './stock-kubelets.fixture.ts'

/** Since 1.27 key encipherment is asked for with RSA alone; before, with every key. */
const usages = [
  ['digital signature', 'server auth'],
  ['digital signature', 'key encipherment', 'server auth'],
]

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
