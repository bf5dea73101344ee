import { type ControlPlane, startControlPlane } from '../../control-plane/control-plane.ts'
import type { JsonObject } from '../../../server/ports.ts'
import { Approvals } from './approvals.ts'
import { type Figures, type Installed, startCounting, workingSets } from './approvers.ts'
import { type Contest, type ContestOptions, inTurns } from './contest.ts'
import { createFleet } from './fleet.ts'
import { answerAsWaiting } from './kubelet-fleet.ts'
import { reportStatus } from './status-reports.ts'
import { askAll, fill, rateOf } from './storm.ts'

export interface BurstOptions extends Omit<ContestOptions, 'title'> {
  /** So many come at once, and then as many again. */
  readonly nodes: number
  /** Nodes of 14 KB, each with an approved CSR, that are there before. */
  readonly stored: number
}

/** Many new nodes at once, twice; each approver in turns. */
export async function benchBurst(options: BurstOptions): Promise<readonly Contest[]> {
  using _kubelets = await answerAsWaiting(options.print)
  await using cluster = await startControlPlane()
  if (options.stored === 0) return [await burstInTurns(cluster, { ...options, title: 'nothing stored' })]
  const fleet = await fill(cluster, options.stored, options.print)
  using _reports = reportStatus(cluster, fleet)
  return [await burstInTurns(cluster, { ...options, title: `${options.stored} Nodes and CSRs stored` })]
}

export async function burstInTurns(
  cluster: ControlPlane,
  { nodes, ...options }: ContestOptions & Pick<BurstOptions, 'nodes'>,
): Promise<Contest> {
  return await inTurns(cluster, options, async (installed) => ({
    // The second time, code and connections of the same process are warm.
    ...(await arrive(cluster, installed, { title: 'first', from: 0, nodes })),
    ...(await arrive(cluster, installed, { title: 'second', from: nodes, nodes })),
  }))
}

interface Arrival {
  readonly title: string
  /** The index of the first. */
  readonly from: number
  readonly nodes: number
}

/**
 * New nodes register and report their addresses, and then all ask. CPU counts from the first Node created to the last approval;
 * approvals a second from the first CSR, since before it the API server's writes of Nodes would set the pace. Memory is what
 * it is at the last approval.
 */
export async function arrive(
  cluster: ControlPlane,
  installed: Installed,
  { title, from, nodes }: Arrival,
): Promise<Figures> {
  await using approvals = await Approvals.watch(cluster)
  const spent = startCounting(installed)
  const fleet = await createFleet(cluster, nodes, 'member', from)
  const stored: JsonObject[] = []
  const started = performance.now()
  await askAll(fleet, stored)
  const rate = await rateOf(approvals, stored, started)
  return {
    [`${title} ${nodes}: approvals/s`]: rate,
    ...spent(`${title} ${nodes}: CPU ms/CSR`, nodes),
    ...workingSets(installed, `${title} ${nodes}: working set MiB after`),
  }
}
