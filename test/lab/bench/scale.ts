/** A large cluster on the real API server: approvals beside what others reach there, and what re-lists do to the controller. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type ControlPlane, startControlPlane } from '../../control-plane/control-plane.ts'
import { metricsPage, sumIn } from '../../kit/service/metrics-page.ts'
import { type Figures, type InstalledOurs, OURS, startOurs } from './approvers.ts'
import { arrive, type BurstOptions, burstInTurns } from './burst.ts'
import { type Contest, summaryOf } from './contest.ts'
import { asking, type Member } from './fleet.ts'
import { answerAsWaiting } from './kubelet-fleet.ts'
import { reportStatus } from './status-reports.ts'
import { askAll, fill, forget } from './storm.ts'

const RELISTS = 3
const SAMPLE_MS = 250
/** After an API server comes back: its watches are resumed within 5 s, and a list of 15,000 Nodes takes seconds. */
const RELIST_MS = 45_000
const SETTLE_MS = 10_000
/** The controller denies nothing, so that what is pending stays. */
const POLICY = 'mode: approveOnly\n'

export interface ScaleOptions extends BurstOptions {
  /** CSRs that ask for a name that their Node does not report; only while lists are read anew. */
  readonly pending: number
}

/** New nodes at once with nothing stored, the same with many Nodes and CSRs stored, and lists that are read anew. */
export async function benchScale({ stored, pending, ...options }: ScaleOptions): Promise<readonly Contest[]> {
  using _kubelets = await answerAsWaiting(options.print)
  await using cluster = await startControlPlane()
  const empty = await burstInTurns(cluster, { ...options, title: 'nothing stored' })
  await forget(cluster)
  const fleet = await fill(cluster, stored, options.print)
  using _reports = reportStatus(cluster, fleet)
  const large = await burstInTurns(cluster, { ...options, title: `${stored} Nodes and CSRs stored` })
  await forget(cluster)
  await askAll(fleet.slice(0, pending).map(beyond), [])
  options.print(`${pending} pending CSRs stored`)
  return [empty, large, growthOf(empty, large), await relists(cluster, options.nodes)]
}

/** It asks for a name that no Node reports. */
function beyond(member: Member): Member {
  return asking(member, `${member.name}-late`)
}

/** What each has of its own figures with nothing stored. */
function growthOf(empty: Contest, large: Contest): Contest {
  const [before, after] = [summaryOf(empty).medians, summaryOf(large).medians]
  const growth = (name: string): Figures => {
    const figures = Object.entries(after[name] ?? {})
    return Object.fromEntries(figures.map(([row, figure]) => [row, figure / (before[name]?.[row] ?? NaN)]))
  }
  const rounds = Object.fromEntries(Object.keys(after).map((name) => [name, [growth(name)]]))
  return { title: `${large.title} / ${empty.title}`, rounds }
}

/** Ours alone: the start, each re-list, and new nodes on top. */
async function relists(cluster: ControlPlane, nodes: number): Promise<Contest> {
  const launched = performance.now()
  await using installed = await startOurs(cluster, { policy: POLICY })
  const phase = async (name: string, work: () => Promise<unknown>, started = performance.now()) =>
    await phaseOf(installed, { name, work, started })
  const figures = { ...(await phase('ready', async () => undefined, launched)) }
  for (let index = 1; index <= RELISTS; index++)
    Object.assign(figures, await phase(`re-list ${index}`, async () => await loseWatches(cluster)))
  const storm = async () => await arrive(cluster, installed, { title: 'on top,', from: 0, nodes })
  Object.assign(figures, await phase('storm', storm))
  return { title: 'every list read anew', rounds: { [OURS]: [figures] } }
}

interface Phase {
  readonly name: string
  readonly work: () => Promise<unknown>
  readonly started: number
}

/** What some work did to the controller: its memory meanwhile and afterwards, and what it tells of itself since its start. */
async function phaseOf(
  { controller, controllerGroup }: InstalledOurs,
  { name, work, started }: Phase,
): Promise<Figures> {
  let most = controllerGroup.workingSet()
  const timer = setInterval(() => (most = Math.max(most, controllerGroup.workingSet())), SAMPLE_MS)
  await work()
  const seconds = (performance.now() - started) / 1_000
  await sleep(SETTLE_MS)
  clearInterval(timer)
  const page = await metricsPage(controller)
  return {
    [`${name}: s`]: seconds,
    [`${name}: most MiB`]: most,
    [`${name}: last MiB`]: controllerGroup.workingSet(),
    [`${name}: longest stall ms`]: sumIn(page, 'kubelet_csr_gate_event_loop_longest_stall_seconds') * 1_000,
    [`${name}: watches begun anew`]: sumIn(page, 'kubelet_csr_gate_watch_restarts_total'),
  }
}

/** No watch can be resumed: every list is read anew. */
async function loseWatches(cluster: ControlPlane): Promise<void> {
  await cluster.compactEtcd()
  await cluster.restartApiServer()
  await sleep(RELIST_MS)
}
