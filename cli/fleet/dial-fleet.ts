import type { Session } from '../cluster/session.ts'
import { type Dial, type Dialled, inParallel, kubeletDialer } from './dial.ts'
import type { Fleet, FleetNode } from './read-fleet.ts'
import { type Standing, standingOf } from './standing.ts'

interface FleetDial {
  /** Whether to dial this node; what is not dialled stays unknown. */
  readonly dials: (node: FleetNode) => boolean
  /** Called after each kubelet that was dialled. */
  readonly dialled: (count: number, all: number) => void
}

/** Dials the kubelets of a fleet, and says how each node stands. */
export async function standingsOf(
  { nodes, csrs }: Fleet,
  { ca, cluster }: Session,
  { dials, dialled }: FleetDial,
): Promise<Standing[]> {
  let count = 0
  const dialKubelet = kubeletDialer(ca)
  const now = cluster.clock.serverNow()
  return await inParallel(nodes, async (node) => {
    const saw = dials(node) ? await dialNode(node, dialKubelet) : null
    dialled((count += 1), nodes.length)
    return standingOf(node, csrs.get(node.name) ?? null, { dialled: saw, now })
  })
}

async function dialNode(
  { dial }: FleetNode,
  dialKubelet: (kubelet: Dial) => Promise<Dialled>,
): Promise<Dialled> {
  if (dial === null) return { saw: 'nothing', because: 'its Node reports no address' }
  return await dialKubelet(dial)
}
