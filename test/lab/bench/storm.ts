/** Many CSRs of honest nodes, and a cluster that has many already. */
import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { CSRS } from '../../kit/kubelet/csr.ts'
import type { JsonObject } from '../../../server/ports.ts'
import type { Approvals } from './approvals.ts'
import { approve } from './bare-approval.ts'
import { ask, createFleet, forEachOf, nameOf, type Member } from './fleet.ts'

/** CSRs created at a time. */
const CREATORS = 32
/** The label of CSRs that stay from round to round. */
const STORED = 'example.com/stored'

/** Asks for all; `stored` grows as CSRs are created. */
export async function askAll(fleet: readonly Member[], stored: JsonObject[]): Promise<void> {
  await forEachOf(fleet, CREATORS, async (member) => void stored.push((await ask(member)).csr))
}

/** Approvals a second, until the last of them. */
export async function rateOf(
  approvals: Approvals,
  stored: readonly JsonObject[],
  started: number,
): Promise<number> {
  const times = await Promise.all(stored.map((csr) => approvals.of(nameOf(csr))))
  return (stored.length / (Math.max(...times) - started)) * 1_000
}

/** Nodes and approved CSRs of a large cluster. */
export async function fill(
  cluster: ControlPlane,
  count: number,
  print: (line: string) => void,
): Promise<readonly Member[]> {
  const fleet = await createFleet(cluster, count, 'stored')
  print(`${count} Nodes stored`)
  await forEachOf(
    fleet,
    CREATORS,
    async (member) => await approve(cluster, (await ask(member, { labels: { [STORED]: 'true' } })).csr),
  )
  print(`${count} approved CSRs stored`)
  return fleet
}

/** Deletes the CSRs of a round, so that each begins with the same. */
export async function forget(cluster: ControlPlane): Promise<void> {
  const { status } = await cluster.adminRequest(
    'DELETE',
    `${CSRS}?labelSelector=${encodeURIComponent(`!${STORED}`)}`,
  )
  if (status !== 200) throw new Error(`the CSRs of a round were not deleted: ${status}`)
}
