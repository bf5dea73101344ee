import { setTimeout as sleep } from 'node:timers/promises'
import { nodeUser } from '../../../policies/node-name.ts'
import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { addressOf, FivePools, namesOf, type Pool, pools } from '../../faults/five-pools.ts'
import { standing, type TestNode, untilAll } from '../../kit/kubelet/test-node.ts'
import { CSRS, listOf, standingOf, usernameOf } from '../../kit/kubelet/csr.ts'
import { buildFleet, type FleetNode, startFleet } from './kubelet-fleet.ts'
import { shippedProgram } from '../../kit/service/shipped.ts'
import { areApproved, lineOf, timesOf } from './times.ts'

export interface SourcesOptions {
  /** Honest nodes in each of the five pools, 100 at most. */
  readonly each: number
  /** In each pool so many nodes claim the addresses of the first, 50 at most. */
  readonly liars: number
  readonly outageSeconds: number
  readonly print: (line: string) => void
}

/** Short, so that a wrong denial comes within the outage. */
const PATIENCE_SECONDS = 8
const LIAR_INDEX = 200
const LATE_INDEX = 100
const JOINED_MS = 120_000
/** What the issue grants after the DNS server's return. */
const RETURN_MS = 30_000
const LIE_EVERY_MS = 5_000

/**
 * Honest nodes of five pools join while hostile ones, which were served before, claim their addresses. Then more join while the
 * DNS server is silent. Returns whether all were served, no honest node was denied, and no lie was approved.
 */
export async function benchSources({ each, liars, outageSeconds, print }: SourcesOptions): Promise<boolean> {
  const program = await buildFleet(print)
  const [early, late, lying] = [range(0, each), range(LATE_INDEX, each), range(LIAR_INDEX, liars)]
  await using world = await FivePools.start({
    patienceSeconds: PATIENCE_SECONDS,
    indexes: [...early, ...late, ...lying],
    proof: 'warn',
    ...(await shippedProgram()),
  })
  const { cluster, dns } = world
  const limitMs = 2 * JOINED_MS + RETURN_MS + outageSeconds * 1_000
  using fleet = startFleet(program, cluster, { listeners: true, limitMs })
  const hostile = pools.flatMap((pool) => lying.map((index) => world.nodeOf(pool, index)))
  await world.join(hostile)
  await untilAll(cluster, await askAll(hostile), ({ approved }) => approved, JOINED_MS)
  const honest = pools.flatMap((pool) => early.map((index) => world.nodeOf(pool, index)))
  await world.join(honest)
  await using lies = await startLying(world, hostile)
  await sleep(LIE_EVERY_MS)
  fleet.start(honest.map(kubeletOf))
  const joined = await timesOf(cluster, honest, JOINED_MS)
  print(lineOf(`${honest.length} nodes in five pools, ${hostile.length} hostile`, joined, honest.length))

  dns.silent = true
  const others = late.map((index) => world.nodeOf('plain', index))
  const named = late.map((index) => world.nodeOf('named', index))
  await world.join([...others, ...named])
  fleet.start([...others, ...named].map(kubeletOf))
  const meanwhile = await timesOf(cluster, others, JOINED_MS)
  print(lineOf('nodes of another pool, while the DNS server is silent', meanwhile, others.length))
  await sleep(outageSeconds * 1_000)
  print(`approved without the DNS server: ${(await approvedOf(cluster, named)).length} of ${named.length}`)
  dns.silent = false
  const back = performance.now()
  const returned = await timesOf(cluster, named, RETURN_MS)
  const seconds = ((performance.now() - back) / 1_000).toFixed(1)
  print(
    `after ${outageSeconds} s: ${(await approvedOf(cluster, named)).length} of ${named.length} approved ${seconds} s after its return`,
  )

  const denied = await deniedOf(cluster, [...honest, ...others, ...named])
  const believed = await lies.approved()
  print(`honest CSRs denied: ${denied}; lies approved: ${believed} of ${lies.told()}`)
  const areServed = areApproved(joined, honest.length) && areApproved(meanwhile, others.length)
  return areServed && areApproved(returned, named.length) && denied === 0 && believed === 0
}

const range = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => from + index)

async function askAll(nodes: readonly TestNode[]): Promise<string[]> {
  return await Promise.all(nodes.map(async (node) => await node.ask({ dnsNames: namesOf(node) })))
}

function kubeletOf(node: TestNode): FleetNode {
  const { name, address } = node
  const addresses = [address]
  return {
    name,
    dnsNames: namesOf(node),
    addresses,
    otherAddresses: [],
    ownAddresses: addresses,
    selfMade: false,
  }
}

interface Lies extends AsyncDisposable {
  told(): number
  approved(): Promise<number>
}

/** Each liar claims an address of its own pool, of a node that has registered and not asked yet, again and again. */
async function startLying(world: FivePools, liars: readonly TestNode[]): Promise<Lies> {
  const ended = new AbortController()
  const csrs: string[] = []
  const victims = new Map(liars.map((liar) => [liar, victimOf(liar)]))
  for (const [liar, victim] of victims)
    await liar.report({ names: namesOf(liar), addresses: [liar.address, victim] })
  const lie = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      for (const [liar, victim] of victims)
        csrs.push(await liar.ask({ dnsNames: namesOf(liar), addresses: [liar.address, victim] }))
      await sleep(LIE_EVERY_MS, undefined, { signal: ended.signal }).catch(() => undefined)
    }
  }
  const lying = lie()
  return {
    told: () => csrs.length,
    async approved() {
      const all = await Promise.all(csrs.map(async (csr) => await standing(world.cluster, csr)))
      return all.filter(({ approved }) => approved).length
    },
    async [Symbol.asyncDispose]() {
      ended.abort()
      await lying
    },
  }
}

function victimOf({ name }: TestNode): string {
  const pool: Pool | undefined = pools.find((one) => name.startsWith(one))
  if (pool === undefined) throw new Error(`${name} is in no pool`)
  return addressOf(pool, Number(name.slice(pool.length + 1)) - LIAR_INDEX)
}

async function approvedOf(cluster: ControlPlane, nodes: readonly TestNode[]): Promise<readonly string[]> {
  const csrs = (await listOf(cluster, CSRS)).filter((csr) => standingOf(csr).approved)
  const users = new Set(csrs.map(usernameOf))
  return nodes.map(({ name }) => nodeUser(name)).filter((user) => users.has(user))
}

async function deniedOf(cluster: ControlPlane, nodes: readonly TestNode[]): Promise<number> {
  const users = new Set(nodes.map(({ name }) => nodeUser(name)))
  const csrs = await listOf(cluster, CSRS)
  return csrs.filter((csr) => users.has(usernameOf(csr)) && standingOf(csr).denied).length
}
