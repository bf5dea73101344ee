import { setTimeout as sleep } from 'node:timers/promises'
import { type ControlPlane, startControlPlane } from '../../control-plane/control-plane.ts'
import { nodeUser } from '../../../policies/node-name.ts'
import { inColumns } from '../../kit/columns.ts'
import { CSRS, listOf, standingOf, usernameOf } from '../../kit/kubelet/csr.ts'
import type { Approver } from '../../suite/score/approver.ts'
import { buildFleet, type FleetNode, makeNodes, reportAddresses, startFleet } from './kubelet-fleet.ts'
import { areApproved, lineOf, timesOf } from './times.ts'

export interface HandoverOptions {
  readonly contender: Approver
  readonly addresses: number
  /** The old nodes end within so long, and each new one starts at most so long after its old one. */
  readonly withinSeconds: number
  /** Between the approval of the last old node and the end of the first. */
  readonly pauseSeconds: number
  /** Whether kubelets answer; else every address refuses the connection, as behind a firewall. */
  readonly listeners: boolean
  /** So long the new nodes have, after the last has started. */
  readonly patienceSeconds: number
  readonly print: (line: string) => void
}

/** Of nodes that only join. */
const OLD_SERVED_MS = 240_000

/**
 * An autoscaler's day in ten seconds: each node is deleted and its machine gone, and a node with another name, uid and key has
 * its address. Returns whether all new ones were approved.
 */
export async function benchHandover(options: HandoverOptions): Promise<boolean> {
  const program = await buildFleet(options.print)
  await using cluster = await startControlPlane()
  await using _running = await options.contender.start(cluster)
  const indexes = Array.from({ length: options.addresses }, (_, index) => index)
  const old = indexes.map((index) => nodeOf('old', index))
  await makeNodes(cluster, old)
  await reportAddresses(cluster, old)
  const withinMs = options.withinSeconds * 1_000
  const limitMs = OLD_SERVED_MS + 2 * withinMs + (options.pauseSeconds + options.patienceSeconds) * 1_000
  using fleet = startFleet(program, cluster, { listeners: options.listeners, limitMs })
  fleet.start(old)
  const before = await timesOf(cluster, old, OLD_SERVED_MS)
  options.print(lineOf('the old nodes joined', before, old.length))
  await sleep(options.pauseSeconds * 1_000)
  const next = indexes.map((index) => ({
    ...nodeOf('new', index),
    ...handoverOf(index, indexes.length, withinMs),
  }))
  fleet.start(next)
  const after = await timesOf(cluster, next, 2 * withinMs + options.patienceSeconds * 1_000)
  options.print(lineOf('the new ones have their addresses', after, next.length))
  for (const line of await refusalsOf(cluster, next)) options.print(line)
  return areApproved(after, next.length)
}

function nodeOf(kind: 'old' | 'new', index: number): FleetNode {
  const name = `${kind}-${index}`
  const octets = [10, 64 + (index >> 16), (index >> 8) & 255, index & 255]
  const addresses = [octets.join('.')]
  return {
    name,
    // As a cloud does: this name goes with the address.
    dnsNames: [name, `ip-${octets.join('-')}.compute.internal`],
    addresses,
    otherAddresses: [],
    ownAddresses: addresses,
    selfMade: false,
  }
}

/** Spread evenly; the golden ratio scatters when each new one starts. */
function handoverOf(index: number, count: number, withinMs: number): Partial<FleetNode> {
  return {
    replaces: `old-${index}`,
    endsAfterMs: Math.round((withinMs * index) / count),
    startsAfterMs: Math.round(withinMs * ((index * 0.618034) % 1)),
  }
}

/** What stands on those CSRs that are not approved, counted. */
async function refusalsOf(cluster: ControlPlane, nodes: readonly FleetNode[]): Promise<readonly string[]> {
  const users = new Set(nodes.map(({ name }) => nodeUser(name)))
  const csrs = await listOf(cluster, CSRS)
  const counts = new Map<string, number>()
  for (const csr of csrs.filter((one) => users.has(usernameOf(one)))) {
    const { approved, denied, reason } = standingOf(csr)
    if (approved) continue
    const standing = denied ? `denied: ${reason ?? ''}` : 'pending'
    counts.set(standing, (counts.get(standing) ?? 0) + 1)
  }
  return inColumns([...counts].map(([standing, count]) => [`  ${count}`, standing]))
}
