import { setTimeout as sleep } from 'node:timers/promises'
import { type ControlPlane, startControlPlane } from '../../control-plane/control-plane.ts'
import { Approvals } from './approvals.ts'
import { type Figures, type Installed, startCounting, workingSets } from './approvers.ts'
import { type Contest, type ContestOptions, inTurns } from './contest.ts'
import { ask, createFleet, nameOf } from './fleet.ts'
import { answerAsWaiting } from './kubelet-fleet.ts'
import { spread } from './statistics.ts'

const WARM_UP = 20
/** Between two nodes: the plane is idle again. */
const PAUSE_MS = 100
/** A stock kubelet asks about 0.9 s after its Node has registered; ours lets a CSR wait until the Node has reported for a second. */
const REPORTED_MS = 1_000

export interface LatencyOptions extends Omit<ContestOptions, 'title'> {
  /** Samples of each round. */
  readonly nodes: number
}

/** One new node at a time. Of bare PATCHes one is ever in flight, so that they are a bare approver: a watch and a PATCH. */
export async function benchLatency({ nodes, ...options }: LatencyOptions): Promise<readonly Contest[]> {
  using _kubelets = await answerAsWaiting(options.print)
  await using cluster = await startControlPlane()
  const measure = async (installed: Installed) => await comeSingly(cluster, installed, nodes)
  return [await inTurns(cluster, { ...options, title: 'one node at a time' }, measure)]
}

/** From the create's start to Approved, seen by a watch. CPU also counts what registering the Nodes causes, and warming up. */
async function comeSingly(cluster: ControlPlane, installed: Installed, nodes: number): Promise<Figures> {
  await using approvals = await Approvals.watch(cluster)
  const spent = startCounting(installed)
  const created: number[] = []
  const approved: number[] = []
  const fleet = await createFleet(cluster, WARM_UP + nodes, 'member', 0)
  await sleep(REPORTED_MS)
  for (const [index, member] of fleet.entries()) {
    const started = performance.now()
    const { csr, ms } = await ask(member)
    const at = await approvals.of(nameOf(csr))
    if (index >= WARM_UP) {
      created.push(ms)
      approved.push(at - started)
    }
    await sleep(PAUSE_MS)
  }
  const [creation, approval] = [spread(created), spread(approved)]
  return {
    'create ms, p50': creation.p50,
    'create ms, p99': creation.p99,
    'create to Approved ms, p50': approval.p50,
    'create to Approved ms, p99': approval.p99,
    ...spent('CPU ms/CSR', WARM_UP + nodes),
    ...workingSets(installed, 'working set MiB after'),
  }
}
