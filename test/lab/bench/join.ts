import { setTimeout as sleep } from 'node:timers/promises'
import { type ControlPlane, startControlPlane } from '../../control-plane/control-plane.ts'
import { CSRS, listOf, standingOf, usernameOf } from '../../kit/kubelet/csr.ts'
import { nodeUser } from '../../../policies/node-name.ts'
import type { JsonObject } from '../../../server/ports.ts'
import { type Figures, type Installed, startCounting, workingSets } from './approvers.ts'
import { type Contest, type ContestOptions, inTurns } from './contest.ts'
import {
  buildFleet,
  type FleetNode,
  KUBELET_PORT,
  makeNodes,
  reportAddresses,
  startFleet,
} from './kubelet-fleet.ts'
import { dialAll } from './sights.ts'
import { timesOf } from './times.ts'

/** After this, what is not approved counts as not approved. */
const LIMIT_MS = 240_000

export interface JoinOptions extends Omit<ContestOptions, 'title'> {
  readonly nodes: number
  /** How much later a Node has its addresses than its kubelet. */
  readonly lateSeconds: number
  /** So many of the Nodes report, and ask for, the addresses of another. */
  readonly liars: number
  /** So many of the Nodes change their address back and forth while they join. */
  readonly flapping: number
}

const ROLES = ['honest', 'flapping', 'liar', 'victim'] as const

interface JoiningNode extends FleetNode {
  readonly role: (typeof ROLES)[number]
}

/**
 * Kubelets join all at once, each with client-go's certificate manager, and answer at their addresses: with the alert of a kubelet
 * that has no certificate, and once it has one with that. 32 bare PATCHes are a bare approver here: kubelets ask when they like.
 */
export async function benchJoin(options: JoinOptions): Promise<readonly Contest[]> {
  const program = await buildFleet(options.print)
  await using cluster = await startControlPlane()
  const { rounds, print, nodes } = options
  const measure = async (installed: Installed) => await joinOnce(cluster, installed, { program, ...options })
  return [await inTurns(cluster, { title: `${nodes} nodes join`, rounds, print }, measure)]
}

/** CPU counts from the first Node created to the last approval, time from the start of the kubelets. */
async function joinOnce(
  cluster: ControlPlane,
  installed: Installed,
  { program, ...options }: JoinOptions & { readonly program: string },
): Promise<Figures> {
  const spent = startCounting(installed)
  const nodes = Array.from({ length: options.nodes }, (_, index) => nodeOf(index, options))
  await makeNodes(cluster, nodes)
  if (options.lateSeconds === 0) await reportAddresses(cluster, nodes)
  const started = performance.now()
  using running = startFleet(program, cluster, { listeners: true, limitMs: LIMIT_MS })
  running.start(nodes)
  if (options.lateSeconds > 0) {
    await sleep(options.lateSeconds * 1_000)
    await reportAddresses(cluster, nodes)
  }
  const served = nodes.filter(({ role }) => role === 'honest' || role === 'flapping')
  const times = await timesOf(cluster, served, LIMIT_MS)
  const costs = {
    ...spent('CPU ms/node', nodes.length),
    ...workingSets(installed, 'working set MiB after'),
  }
  const approved = [...times.values()].flatMap((each) => each.approved ?? [])
  const last = Math.max(started, ...approved)
  options.print(await dialAll(nodes, KUBELET_PORT, cluster.caPem))
  return {
    'last approval after s': (last - started) / 1_000,
    ...costs,
    ...figuresOf(nodes, await listOf(cluster, CSRS)),
  }
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

/** Roles that no node has are left out. */
function figuresOf(nodes: readonly JoiningNode[], csrs: readonly JsonObject[]): Figures {
  const approved = new Set(csrs.filter((csr) => standingOf(csr).approved).map(usernameOf))
  const shares = ROLES.flatMap((role) => {
    const of = nodes.filter((node) => node.role === role)
    const count = of.filter(({ name }) => approved.has(nodeUser(name))).length
    return of.length === 0 ? [] : [[`${role} approved of ${of.length}`, count] as const]
  })
  return {
    ...Object.fromEntries(shares),
    'CSRs/node': csrs.length / nodes.length,
    denied: csrs.filter((csr) => standingOf(csr).denied).length,
  }
}
