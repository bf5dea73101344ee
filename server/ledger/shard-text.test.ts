import { deepEqual, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import type { GrantedValue, NodeGrants } from '../facts/grants.ts'
import { SHARDS, shardOf } from './shard.ts'
import { claimOf, formatShard, parseShard, textOf } from './shard-text.ts'

const AT = 1_767_225_600_000
const grants: NodeGrants = {
  node: 'worker-1',
  uid: '6d2b8c5e-0000-4000-8000-000000000001',
  last: {
    csr: 'csr-x7k2p',
    key: '5f'.repeat(16),
    credentialId: `X509SHA256=${'0a'.repeat(32)}`,
    approvedAt: AT,
    notAfter: AT + 31_536_000_000,
  },
  earlier: [{ csr: 'csr-old', key: '1e'.repeat(16), notAfter: AT + 5_000 }],
  values: [
    {
      claim: 'dNSName:worker-1',
      heldAt: AT - 9_000,
      grantedAt: AT,
      provenAt: null,
      sight: null,
      leftAt: null,
    },
    { claim: 'iPAddress:c633640b', heldAt: AT, grantedAt: AT, provenAt: AT, sight: 'own', leftAt: null },
    {
      claim: 'iPAddress:c633640c',
      heldAt: AT - 9_000,
      grantedAt: AT - 9_000,
      provenAt: null,
      sight: 'silent',
      leftAt: AT,
    },
  ],
  spent: { count: 1, at: AT },
  goneAt: AT + 1_000,
}
const content = { nodes: [grants], released: [{ claim: 'iPAddress:c633640d', at: AT }] }
const text = formatShard(content)

test('what is written is read again, and a person finds a Node by its address', () => {
  deepEqual(parseShard(text), { kind: 'whole', ...content })
  match(text.split('\n')[1] ?? '', /"node":"worker-1".*"198\.51\.100\.11"/u)
  deepEqual(
    [claimOf('198.51.100.11'), textOf('dNSName:db.example.com')],
    ['iPAddress:c633640b', 'db.example.com'],
  )
})

test('a shard is read whole or not at all', () => {
  for (const [broken, because] of [
    ['', 'its first line is no JSON object'],
    ['{}\n', 'it has no version'],
    [text.slice(0, -1), 'it is cut off'],
    [text.slice(0, text.indexOf('\n') + 1), 'it is cut off'],
    [text.replace('"key"', '"kex"'), 'its line 2 is not the grants of a Node'],
    [text.replace('"approved":1', '"approved":"1'), 'its line 2 is not the grants of a Node'],
    [text.replace('["198.51.100.13",', '[13,'), 'what was released cannot be read'],
  ] as const)
    deepEqual(parseShard(broken), { kind: 'garbled', because })
  deepEqual(parseShard(text.replace('"version":1', '"version":2')), {
    kind: 'newer',
    because: 'it has version 2, and this is version 1',
  })
})

test('5,000 Nodes take less than 2 MiB in all, and no shard has many more than another', () => {
  const shards: NodeGrants[][] = Array.from({ length: SHARDS }, () => [])
  for (let index = 0; index < 5_000; index += 1) {
    const node = `ip-10-0-${index >> 8}-${index & 255}.eu-central-1.compute.internal`
    const values: GrantedValue[] = [
      { claim: `dNSName:${node}`, heldAt: AT, grantedAt: AT, provenAt: null, sight: null, leftAt: null },
      { claim: 'iPAddress:0a000001', heldAt: AT, grantedAt: AT, provenAt: AT, sight: 'own', leftAt: null },
    ]
    shards[shardOf(node)]?.push({ ...grants, node, values, spent: { count: 0, at: AT }, goneAt: null })
  }
  const bytes = shards.map((nodes) => formatShard({ nodes, released: [] }).length)
  const all = bytes.reduce((sum, one) => sum + one, 0)
  ok(all < 2 * 1_048_576, String(all))
  ok(Math.max(...bytes) < 1.3 * (all / SHARDS), bytes.join(' '))
})
