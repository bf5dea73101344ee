import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultLimits } from '../../policies/limits.ts'
import type { Address, Sight } from '../../policies/types.ts'
import type { ProvenAddress } from '../ports.ts'
import { addressOf, SILENT, WAITING } from './prober.fixture.ts'
import { Reach } from './reach.ts'

const CERTIFICATE: Sight = { kind: 'certificate', spkiSha256: 'ab', node: null }

/** Ten Nodes with an address each, of which the first `answering` answer. */
function reachOf({
  answering = 0,
  nodes = 10,
  dialled = true,
  mayDial = (_address: Address): boolean => true,
  pool = (_node: string): string | null => null,
  random = 0,
}) {
  const asked: Address[] = []
  const clock = { now: 0 }
  const proven: ProvenAddress[] = Array.from({ length: nodes }, (_, index) => ({
    node: `n${index}`,
    address: addressOf(index),
  }))
  const reach = new Reach({
    prober: {
      probe: async (addresses) => void asked.push(...addresses),
      result: (address) => {
        if (!dialled) return undefined
        const at = proven.findIndex((one) => one.address === address)
        const sight = at < answering ? (at % 2 === 0 ? CERTIFICATE : WAITING) : SILENT
        return { ...sight, forMs: 0 }
      },
    },
    proven: () => proven,
    poolOf: pool,
    mayDial,
    now: () => clock.now,
    random: () => random,
  })
  return { reach, asked, clock, proven }
}

test('the network works where half of the sample answers, whoever waits for its certificate', async () => {
  for (const [answering, network] of [
    [8, 'works'],
    [4, 'works'],
    [3, 'uncertain'],
  ] as const) {
    const { reach, asked } = reachOf({ answering })
    await reach.look('IPv4', null)
    assert.deepEqual([reach.network('IPv4', null), asked.length], [network, defaultLimits.probe.sample])
  }
})

test('fewer than three addresses that ever answered show nothing, and are not dialled', async () => {
  const { reach, asked } = reachOf({ answering: 2, nodes: 2 })
  await reach.look('IPv4', null)
  assert.deepEqual([reach.network('IPv4', null), asked], ['uncertain', []])
})

test('three addresses that ever answered are enough', async () => {
  const { reach, asked } = reachOf({ answering: 3, nodes: 3 })
  await reach.look('IPv4', null)
  assert.deepEqual([reach.network('IPv4', null), asked.length], ['works', 3])
})

test('the sample is drawn: a Node cannot tell whether it is in it', async () => {
  const { reach, asked } = reachOf({ random: 0.99 })
  await reach.look('IPv4', null)
  assert.deepEqual(asked, [9, 0, 1, 2, 3, 4, 5, 6].map(addressOf))
})

test('where the sample was not dialled, nothing is known: a full queue switches nothing', async () => {
  const { reach } = reachOf({ answering: 10, dialled: false })
  await reach.look('IPv4', null)
  assert.equal(reach.network('IPv4', null), undefined)
})

test('what was seen counts for ten seconds, and is not looked at again within them', async () => {
  const { reach, asked, clock } = reachOf({ answering: 8 })
  await reach.look('IPv4', null)
  clock.now = 9_999
  await reach.look('IPv4', null)
  assert.deepEqual([reach.network('IPv4', null), asked.length], ['works', 8])
  clock.now = 10_000
  assert.equal(reach.network('IPv4', null), undefined)
})

test('each pool and each family has a sample of its own, with one address of each Node', async () => {
  const { reach, asked, proven } = reachOf({ answering: 10, pool: (node) => (node < 'n5' ? 'edge' : null) })
  proven.push({ node: 'n1', address: addressOf(99) }, { node: 'n2', address: 'fd'.repeat(16) })
  await reach.look('IPv4', 'edge')
  assert.deepEqual(asked, [0, 99, 2, 3, 4].map(addressOf))
  await reach.look('IPv6', 'edge')
  assert.deepEqual([reach.network('IPv4', null), reach.network('IPv6', 'edge')], [undefined, 'uncertain'])
})

test('an address that became reserved is dialled no more, and keeps nobody waiting', async () => {
  const { reach, asked } = reachOf({ dialled: false, mayDial: (address) => address === addressOf(0) })
  await reach.look('IPv4', null)
  assert.deepEqual([asked, reach.network('IPv4', null)], [[], 'uncertain'])
})
