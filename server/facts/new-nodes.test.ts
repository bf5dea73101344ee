import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as otherWork } from 'node:timers/promises'
import type { NodeFacts } from '../../policies/types.ts'
import { NewNodes } from './new-nodes.ts'
import { FakeStore } from './store.fixture.ts'

const NOW = Date.UTC(2026, 10, 24, 8)

function nodeOf(ageMs: number): NodeFacts {
  const never = { deleting: false, uninitialized: false, controlPlane: false }
  return { name: 'n1', uid: 'u1', createdAt: NOW - ageMs, ...never, names: ['n1'], addresses: [] }
}

function begin(nodes: FakeStore<NodeFacts>) {
  const newNodes = new NewNodes(nodes, { serverNow: () => NOW, monotonic: () => performance.now() })
  const next = (signal?: AbortSignal) => newNodes.next('n1', newNodes.deadline(), signal)
  return { newNodes, next }
}

async function timed(waiting: Promise<boolean>) {
  const begun = performance.now()
  const changed = await waiting
  return { changed, ms: performance.now() - begun }
}

test('a change of a Node that is not there yet ends the wait, another Node does not', async () => {
  const nodes = new FakeStore<NodeFacts>()
  const changed = begin(nodes).next()
  nodes.set('n2', { ...nodeOf(0), name: 'n2' })
  assert.equal(await Promise.race([changed, otherWork('waits')]), 'waits')
  nodes.set('n1', nodeOf(0))
  assert.equal(await changed, true)
})

test('a Node of the last minute is waited for half a second, an older one not at all', async () => {
  const young = await timed(begin(new FakeStore({ n1: nodeOf(59_000) })).next())
  assert.deepEqual([young.changed, young.ms > 450], [false, true])
  const old = await timed(begin(new FakeStore({ n1: nodeOf(60_000) })).next())
  assert.deepEqual([old.changed, old.ms < 100], [false, true])
})

test('nobody waits longer than the caller does, or past the deadline of the first wait', async () => {
  const { newNodes, next } = begin(new FakeStore<NodeFacts>())
  assert.equal((await timed(next(AbortSignal.timeout(20)))).changed, false)
  assert.ok((await timed(next(AbortSignal.timeout(20)))).ms < 250)
  assert.ok((await timed(newNodes.next('n1', performance.now() - 1))).ms < 100)
})

test('of those who ask for Nodes that never come, 32 wait at once, and the longest gives way to the next', async () => {
  const { next } = begin(new FakeStore<NodeFacts>())
  const waits = await Promise.all(Array.from({ length: 100 }, () => timed(next())))
  const isShort = waits.map(({ ms }) => ms < 250)
  assert.deepEqual(isShort, [
    ...Array.from({ length: 68 }, () => true),
    ...Array.from({ length: 32 }, () => false),
  ])
  assert.ok((await timed(next())).ms > 450)
})

test('who asks for made-up Nodes takes no place of a Node that is there', async () => {
  const nodes = new FakeStore({ n1: nodeOf(0) })
  const { newNodes, next } = begin(nodes)
  const reported = next()
  const flood = Array.from({ length: 1_000 }, (_, count) =>
    newNodes.next(`made-up-${count}`, newNodes.deadline()),
  )
  nodes.set('n1', { ...nodeOf(0), addresses: ['0a000001'] })
  assert.equal(await reported, true)
  assert.deepEqual(new Set(await Promise.all(flood)), new Set([false]))
})
