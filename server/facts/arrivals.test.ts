import { deepEqual, equal } from 'node:assert/strict'
import { setImmediate as otherWork } from 'node:timers/promises'
import { test } from 'node:test'
import { defaultLimits } from '../../policies/limits.ts'
import type { Address, NodeFacts, Sight } from '../../policies/types.ts'
import { Arrivals } from './arrivals.ts'
import { FakeStore } from './store.fixture.ts'

const MINUTE = 60_000
const [A, B, C] = ['0a000001', '0a000002', '0a000003'] as const
const at = (addresses: readonly Address[], uid = 'u1', createdAt = 0): NodeFacts => ({
  name: 'n1',
  uid,
  createdAt,
  deleting: false,
  uninitialized: false,
  controlPlane: false,
  names: [],
  addresses,
})

function begin(sees: Partial<Record<Address, Sight['kind']>> = {}, grantsSince = -Infinity) {
  const nodes = new FakeStore<NodeFacts>()
  const clock = { now: 60 * MINUTE }
  const looked: Address[] = []
  const arrivals = new Arrivals({
    nodes,
    look: async (_node, addresses) => {
      looked.push(...addresses)
      return (address) => sees[address]
    },
    grantsSince: () => grantsSince,
    now: () => clock.now,
    limits: defaultLimits,
  })
  const report = async (node: NodeFacts) => {
    nodes.set('n1', node)
    await otherWork()
    return (...addresses: Address[]) => addresses.map((address) => arrivals.precedence(node, address))
  }
  return { nodes, clock, looked, arrivals, report }
}

test('an address that a Node reports with its first is looked at, and ranks by whether a kubelet waits there', async () => {
  const { looked, report } = begin({ [A]: 'noCertificate', [B]: 'nothing' })
  const precedence = await report(at([A, B, C]))
  deepEqual(
    [precedence(A, B, C), looked],
    [
      [2, 1, 2],
      [A, B, C],
    ],
  )
})

test('an address that is reported later ranks below, and is not looked at', async () => {
  const { looked, report } = begin({ [A]: 'noCertificate', [B]: 'noCertificate' })
  await report(at([A]))
  const precedence = await report(at([A, B]))
  deepEqual([precedence(A, B), looked], [[2, 0], [A]])
})

test('the first addresses may come after the Node, from a cloud provider', async () => {
  const { report } = begin({ [A]: 'noCertificate' })
  await report(at([]))
  deepEqual((await report(at([A])))(A), [2])
})

test('of many first addresses only four are looked at, and the rest rank as those where nobody waits', async () => {
  const many = Array.from({ length: 6 }, (_, index) => `0a0000${index}0`)
  const { looked, report } = begin()
  deepEqual([(await report(at(many)))(...many), looked], [[2, 2, 2, 2, 1, 1], many.slice(0, 4)])
})

test('a Node that was there before counts as new for ten minutes, or where its grants may be lost', () => {
  const precedence = (createdAt: number, grantsSince?: number) =>
    begin({}, grantsSince).arrivals.precedence(at([A], 'u1', createdAt), A)
  deepEqual([precedence(50 * MINUTE + 1), precedence(50 * MINUTE)], [2, 1])
  equal(precedence(10 * MINUTE, 20 * MINUTE), 2)
})

test('what a Node that was there before adds ranks below, and the rest as it did', async () => {
  for (const [createdAt, rank] of [
    [0, 1],
    [55 * MINUTE, 2],
  ] as const) {
    const { nodes, report } = begin()
    nodes.phase = 'syncing'
    await report(at([A], 'u1', createdAt))
    nodes.phase = 'live'
    deepEqual((await report(at([A, B], 'u1', createdAt)))(A, B), [rank, 0])
  }
})

test('a Node that is made again under its name begins anew', async () => {
  const { report } = begin({ [A]: 'nothing' })
  await report(at([B]))
  deepEqual((await report(at([B, A])))(B, A), [2, 0])
  deepEqual((await report(at([A, B], 'u2')))(A, B), [1, 2])
})

test('for how long an address is reported is told for a second', async () => {
  const { clock, arrivals, report } = begin()
  await report(at([A]))
  const told = [0, 900, 100].map((ms) => {
    clock.now += ms
    return arrivals.reportedMs(at([A]), A)
  })
  deepEqual(told, [0, 900, undefined])
})

test('since when a Node is gone is remembered, and of one that was never there since the start', async () => {
  const { nodes, clock, arrivals, report } = begin()
  await report(at([A]))
  clock.now += MINUTE
  nodes.set('n1', undefined)
  clock.now += MINUTE
  deepEqual([arrivals.goneMs('n1'), arrivals.goneMs('n9')], [MINUTE, 2 * MINUTE])
})
