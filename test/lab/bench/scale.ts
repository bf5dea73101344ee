/** A large cluster on the real API server: how soon the controller is ready, what it holds, and what re-lists do to it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type ControlPlane, startControlPlane } from '../../control-plane/control-plane.ts'
import { inColumns } from '../../kit/columns.ts'
import { metricsPage, sumIn } from '../../kit/service/metrics-page.ts'
import { type Service, startService } from '../../kit/service/service.ts'
import type { JsonObject } from '../../../server/ports.ts'
import { Approvals } from './approvals.ts'
import { asking, createFleet, type Member, withNewKey } from './fleet.ts'
import { LIMIT_BYTES, MemoryGroup } from './memory-group.ts'
import { shippedProgram } from './shipped.ts'
import { reportStatus } from './status-reports.ts'
import { askAll, fill, forget, rateOf } from './storm.ts'

const STORM = 1_000
const RELISTS = 3
const SAMPLE_MS = 250
/** After an API server comes back: its watches are resumed within 5 s, and a list of 15,000 Nodes takes seconds. */
const RELIST_MS = 45_000
const SETTLE_MS = 10_000
/** The controller denies nothing, so that what is pending stays. */
const POLICY = 'mode: approveOnly\n'

export interface ScaleOptions {
  /** Nodes of 14 KB that report their status, each with an approved CSR. */
  readonly nodes: number
  /** CSRs that ask for a name that their Node does not report. */
  readonly pending: number
  readonly print: (line: string) => void
}

/** What the service tells of itself, each since its start. */
interface Told {
  /** The longest stall of its event loop. */
  readonly stallMs: number
  /** Watches that were begun anew, of all lists. */
  readonly restarts: number
}

interface Phase extends Told {
  readonly name: string
  readonly seconds: number
  /** Working set in MiB: the most that was sampled, and at the end. */
  readonly most: number
  readonly last: number
}

/** Prints a row for the start, each re-list and the storm. */
export async function benchScale({ nodes, pending, print }: ScaleOptions): Promise<void> {
  await using cluster = await startControlPlane()
  const fleet = await createFleet(cluster, STORM)
  const alone = await stormAlone(cluster, fleet)
  print(`nothing stored: ${alone.toFixed(0)} approvals/s`)
  await forget(cluster)
  const stored = await fill(cluster, nodes, print)
  await askAll(stored.slice(0, pending).map(beyond), [])
  print(`${pending} pending CSRs stored`)
  using _reports = reportStatus(cluster, stored)
  await using room = await launch(cluster)
  const phases: Phase[] = [await room.phase('ready', async () => undefined, room.launched)]
  for (let index = 1; index <= RELISTS; index++)
    phases.push(await room.phase(`re-list ${index}`, async () => await loseWatches(cluster)))
  let rate = 0
  phases.push(await room.phase('storm', async () => void (rate = await storm(cluster, fleet))))
  const head = ['', 's', 'most MiB', 'last MiB', 'longest stall ms', 'watches begun anew']
  const rows = phases.map(({ name, seconds, most, last, stallMs, restarts }) => [
    name,
    seconds.toFixed(1),
    ...[most, last, stallMs, restarts].map((figure) => figure.toFixed(0)),
  ])
  for (const line of inColumns([head, ...rows])) print(line)
  const share = ((rate / alone) * 100).toFixed(0)
  print(`${STORM} on top: ${rate.toFixed(0)} approvals/s, ${share} % of the rate with nothing stored`)
}

/** It asks for a name that no Node reports. */
function beyond(member: Member): Member {
  return asking(member, `${member.name}-late`)
}

async function stormAlone(cluster: ControlPlane, fleet: readonly Member[]): Promise<number> {
  await using _room = await launch(cluster)
  return await storm(cluster, fleet)
}

async function storm(cluster: ControlPlane, fleet: readonly Member[]): Promise<number> {
  await using approvals = await Approvals.watch(cluster)
  const stored: JsonObject[] = []
  const members = fleet.map(withNewKey)
  const started = performance.now()
  await askAll(members, stored)
  return await rateOf(approvals, stored, started)
}

interface Room extends AsyncDisposable {
  /** Of `performance.now()`. */
  readonly launched: number
  /** Does something, and tells how long it took since `started`, which is now by default, and what it did to the service. */
  phase(name: string, work: () => Promise<void>, started?: number): Promise<Phase>
}

async function launch(cluster: ControlPlane): Promise<Room> {
  await using stack = new AsyncDisposableStack()
  const group = stack.use(new MemoryGroup(LIMIT_BYTES))
  const launched = performance.now()
  const options = { webhook: false, policy: POLICY, launcher: group.launcher, ...(await shippedProgram()) }
  const service = stack.use(await startService(cluster, options))
  const owned = stack.move()
  return {
    launched,
    async phase(name, work, started = performance.now()) {
      let most = group.workingSet()
      const timer = setInterval(() => (most = Math.max(most, group.workingSet())), SAMPLE_MS)
      await work()
      const seconds = (performance.now() - started) / 1_000
      await sleep(SETTLE_MS)
      clearInterval(timer)
      return { name, seconds, most, last: group.workingSet(), ...(await told(service)) }
    },
    [Symbol.asyncDispose]: async () => await owned.disposeAsync(),
  }
}

/** No watch can be resumed: every list is read anew. */
async function loseWatches(cluster: ControlPlane): Promise<void> {
  await cluster.compactEtcd()
  await cluster.restartApiServer()
  await sleep(RELIST_MS)
}

async function told(service: Service): Promise<Told> {
  const page = await metricsPage(service)
  return {
    stallMs: sumIn(page, 'kubelet_csr_gate_event_loop_longest_stall_seconds') * 1_000,
    restarts: sumIn(page, 'kubelet_csr_gate_watch_restarts_total'),
  }
}
