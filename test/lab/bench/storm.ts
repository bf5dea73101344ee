/** Many CSRs of honest nodes, and a cluster that has many already. */
import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { CSRS } from '../../kit/kubelet/csr.ts'
import type { JsonObject } from '../../../server/ports.ts'
import type { Approvals } from './approvals.ts'
import { approve } from './bare-approval.ts'
import { ask, createFleet, forEachOf, nameOf, type Member, STORED } from './fleet.ts'
import { damageLedger } from './ledger-text.ts'

/** CSRs created at a time. */
const CREATORS = 32

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
    async (member) => await approve(cluster, (await ask(member, { labels: STORED })).csr),
  )
  print(`${count} approved CSRs stored`)
  return fleet
}

/** Deletes what a turn left, its ledger too, so that each begins with the same. What {@link fill} stored stays. */
export async function forget(cluster: ControlPlane): Promise<void> {
  const rest = `labelSelector=${encodeURIComponent(
    Object.keys(STORED)
      .map((label) => `!${label}`)
      .join(),
  )}`
  for (const path of [CSRS, '/api/v1/nodes']) {
    const { status } = await cluster.adminRequest('DELETE', `${path}?${rest}`)
    if (status !== 200) throw new Error(`${path} of a turn were not deleted: ${status}`)
  }
  await damageLedger(cluster, () => null)
}
