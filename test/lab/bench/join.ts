import { setTimeout as sleep } from 'node:timers/promises'
import { startControlPlane } from '../../control-plane/control-plane.ts'
import { inColumns } from '../../kit/columns.ts'
import { CSRS, standingOf } from '../../kit/kubelet/csr.ts'
import { nodeUser } from '../../../policies/node-name.ts'
import type { JsonObject } from '../../../server/ports.ts'
import type { Contender } from '../compare/contender.ts'
import {
  buildFleet,
  type FleetNode,
  KUBELET_PORT,
  listOf,
  makeNodes,
  reportAddresses,
  startFleet,
  usernameOf,
} from './kubelet-fleet.ts'
import { dialAll } from './sights.ts'
import { timesOf } from './times.ts'

/** After this, what is not approved counts as not approved. */
const LIMIT_MS = 240_000

export interface JoinOptions {
  readonly contenders: readonly Contender[]
  readonly nodes: number
  /** How much later a Node has its addresses than its kubelet. */
  readonly lateSeconds: number
  /** So many of the Nodes report, and ask for, the addresses of another. */
  readonly liars: number
  /** So many of the Nodes change their address back and forth while they join. */
  readonly flapping: number
  /** Whether each node answers on the kubelet's port of its own addresses. {@link ADDRESSES} must be of this machine. */
  readonly listeners: boolean
  readonly print: (line: string) => void
}

interface JoiningNode extends FleetNode {
  readonly role: 'honest' | 'flapping' | 'liar' | 'victim'
}

/** Kubelets join all at once, each with client-go's certificate manager; how soon each contender has approved them. */
export async function benchJoin(options: JoinOptions): Promise<void> {
  const program = await buildFleet(options.print)
  const head = [
    '',
    'last after s',
    'honest approved',
    'flapping approved',
    'CSRs/node',
    'denied',
    'liars approved',
    'victims approved',
  ]
  const rows = [head]
  for (const contender of options.contenders) {
    options.print(`${contender.name}: ${options.nodes} nodes join`)
    rows.push([contender.name, ...(await joinOnce(contender, program, options))])
  }
  for (const line of inColumns(rows)) options.print(line)
}

async function joinOnce(
  contender: Contender,
  fleet: string,
  options: JoinOptions,
): Promise<readonly string[]> {
  await using cluster = await startControlPlane()
  await using _running = await contender.start(cluster)
  const nodes = Array.from({ length: options.nodes }, (_, index) => nodeOf(index, options))
  await makeNodes(cluster, nodes)
  if (options.lateSeconds === 0) await reportAddresses(cluster, nodes)
  const started = performance.now()
  using running = startFleet(fleet, cluster, { listeners: options.listeners, limitMs: LIMIT_MS })
  running.start(nodes)
  if (options.lateSeconds > 0) {
    await sleep(options.lateSeconds * 1_000)
    await reportAddresses(cluster, nodes)
  }
  const served = nodes.filter(({ role }) => role === 'honest' || role === 'flapping')
  const times = await timesOf(cluster, served, LIMIT_MS)
  const approved = [...times.values()].flatMap((each) => each.approved ?? [])
  const last = Math.max(started, ...approved)
  if (options.listeners) options.print(await dialAll(nodes, KUBELET_PORT, cluster.caPem))
  return [((last - started) / 1_000).toFixed(1), ...figuresOf(nodes, await listOf(cluster, CSRS))]
}

function roleOf(index: number, { nodes, liars, flapping }: JoinOptions): JoiningNode['role'] {
  if (index < liars) return 'victim'
  if (index >= nodes - liars) return 'liar'
  return index < liars + flapping ? 'flapping' : 'honest'
}

function nodeOf(index: number, options: JoinOptions): JoiningNode {
  const name = `joining-${index}`
  const role = roleOf(index, options)
  // The last nodes lie: they report the addresses of the first.
  const owner = role === 'liar' ? options.nodes - 1 - index : index
  const within = `${(owner >> 8) & 255}.${owner & 255}`
  const addresses = [`10.${64 + (owner >> 16)}.${within}`]
  const otherAddresses = role === 'flapping' ? [`10.${80 + (owner >> 16)}.${within}`] : []
  const isLiar = role === 'liar'
  return {
    name,
    dnsNames: [name],
    addresses,
    otherAddresses,
    ownAddresses: isLiar ? [`10.${88 + (owner >> 16)}.${within}`] : [...addresses, ...otherAddresses],
    selfMade: isLiar,
    role,
  }
}

function figuresOf(nodes: readonly JoiningNode[], csrs: readonly JsonObject[]): readonly string[] {
  const approved = new Set(csrs.filter((csr) => standingOf(csr).approved).map(usernameOf))
  const share = (role: JoiningNode['role']): string => {
    const of = nodes.filter((node) => node.role === role)
    return `${of.filter(({ name }) => approved.has(nodeUser(name))).length} of ${of.length}`
  }
  const denied = csrs.filter((csr) => standingOf(csr).denied).length
  return [
    share('honest'),
    share('flapping'),
    (csrs.length / nodes.length).toFixed(3),
    String(denied),
    share('liar'),
    share('victim'),
  ]
}
