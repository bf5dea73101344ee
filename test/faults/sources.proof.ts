/** Pools with a source of truth each, on a real API server, with nodes that lie and a DNS server that is down. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../kit/until.ts'
import { FivePools, fqdn, inventoryOf, namesOf, type Pool, pools } from './five-pools.ts'
import { standing, type TestNode, untilAll } from '../kit/kubelet/test-node.ts'

const PATIENCE_MS = 8_000
const indexes = Array.from({ length: 8 }, (_, index) => index)

let world: FivePools

before(async () => {
  world = await FivePools.start({ patienceSeconds: PATIENCE_MS / 1_000, indexes })
})
after(async () => await world[Symbol.asyncDispose]())

const nodesOf = (pool: Pool, of: readonly number[]) => of.map((index) => world.nodeOf(pool, index))

async function askAll(nodes: readonly TestNode[]): Promise<string[]> {
  return await Promise.all(nodes.map(async (node) => await node.ask({ dnsNames: namesOf(node) })))
}

test('nodes in five pools are approved, each by its own source, while nodes that no source vouches for are not', async (t) => {
  const honest = pools.map((pool) => nodesOf(pool, indexes))
  const liars = (['metal', 'machine', 'named'] as const).map((pool, index) =>
    world.nodeOf(pool, 90 + index, `10.64.9.${index + 1}`),
  )
  for (const nodes of [...honest, liars]) await world.join(nodes)
  const lies = await askAll(liars)
  const asked = await askAll(honest.flat())
  const ms = await untilAll(world.cluster, asked, ({ approved }) => approved, 30_000)
  t.diagnostic(`${asked.length} nodes in ${Math.round(ms)} ms`)
  await untilAll(world.cluster, lies, ({ denied }) => denied, PATIENCE_MS * 3)
  const reasons = await Promise.all(lies.map(async (csr) => (await standing(world.cluster, csr)).reason))
  assert.deepEqual(reasons, ['AddressNotVouched', 'AddressNotVouched', 'NameNotVouched'])
  const { message } = await standing(world.cluster, lies[0] ?? '')
  assert.equal(
    message,
    'AddressNotVouched: no source of the policy vouches that 10.64.9.1 belongs to Node metal-90. inventory: no line is for metal-90',
  )
})

test('a node waits for its line in the inventory and for its Machine, and is approved when they come', async (t) => {
  const metal = world.nodeOf('metal', 50)
  const late = world.nodeOf('machine', 50)
  await world.join([metal, late])
  const csrs = [await metal.ask(), await late.ask()]
  await sleep(1_500)
  for (const csr of csrs) assert.equal((await standing(world.cluster, csr)).approved, false)
  await world.writeInventory(inventoryOf([...indexes, 50]))
  await world.addMachine(50)
  const ms = await untilAll(world.cluster, csrs, ({ approved }) => approved, 6_000)
  t.diagnostic(`${Math.round(ms)} ms after the change`)
})

test('while the DNS is silent its nodes wait and none is denied, the others are served, and all are when it is back', async (t) => {
  const { dns } = world
  dns.silent = true
  const more = indexes.map((index) => index + 20)
  const named = nodesOf('named', more)
  for (const node of named) dns.records.set(fqdn(node), [node.address])
  const plain = nodesOf('plain', more)
  await world.join([...named, ...plain])
  const waiting = await askAll(named)
  const others = await askAll(plain)
  await untilAll(world.cluster, others, ({ approved }) => approved, 10_000)
  await sleep(PATIENCE_MS * 1.5)
  for (const csr of waiting) {
    const { approved, denied } = await standing(world.cluster, csr)
    assert.deepEqual({ approved, denied }, { approved: false, denied: false })
  }
  dns.silent = false
  const ms = await untilAll(world.cluster, waiting, ({ approved }) => approved, 30_000)
  t.diagnostic(`${Math.round(ms)} ms after its return, ${dns.asked.length} queries in all`)
})

test('an inventory with faults leaves the last valid one in force', async () => {
  await world.writeInventory('- {node: metal-0, addresses: [10.64.1.999]}\n')
  const told = async () =>
    (await world.service.tail()).includes('the inventory has faults: the last valid inventory')
  await until(told, 'the log tells of the faults')
  const [node] = nodesOf('metal', indexes)
  assert.ok(node !== undefined)
  await untilAll(world.cluster, [await node.ask()], ({ approved }) => approved, 15_000)
})
