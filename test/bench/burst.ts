import { startControlPlane } from '../cluster/control-plane.ts'
import type { ControlPlane } from '../cluster/control-plane.ts'
import { isObject } from '../cluster/client.ts'
import { startService } from '../cluster/service.ts'
import { CSRS } from '../kubelets/csr.ts'
import type { JsonObject } from '../../server/ports.ts'
import { Approvals } from './approvals.ts'
import { callsByVerb } from './audit.ts'
import { ask, createFleet, forEachOf, nameOf } from './fleet.ts'
import type { Member } from './fleet.ts'
import { cpuMilliseconds, ownMegabytes, peakMegabytes } from './process.ts'
import { shippedProgram } from './shipped.ts'

const NODES = 1_000
/** CSRs created at a time. */
const CREATORS = 32
/** The API server's own limit: so many approvals in flight, with nothing judged. */
const BARE_PUTS = 32
const ROUNDS = 2

const SERVICE_USER = 'system:serviceaccount:kubelet-csr-gate:kubelet-csr-gate'

/**
 * A thousand nodes ask while the approver is stopped (SIGSTOP), then it runs: approvals a second, beside those of
 * bare PUTs on as many CSRs, in turns.
 */
export async function benchBurst(tell: (line: string) => void): Promise<void> {
  await using cluster = await startControlPlane({ audit: true })
  const program = await shippedProgram()
  const fleet = await createFleet(cluster, NODES)
  tell(`${NODES} Nodes`)
  const bare: number[] = []
  const ours: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await bareRate(cluster, fleet))
    tell(`bare PUTs, ${BARE_PUTS} in flight: ${bare.at(-1)?.toFixed(0)} approvals/s`)
    ours.push(await ourRate({ cluster, fleet, program, tell }))
    tell(`the loop: ${ours.at(-1)?.toFixed(0)} approvals/s`)
  }
  const ratio = sum(ours) / sum(bare)
  tell(`the loop at ${(ratio * 100).toFixed(0)} % of the API server's own limit (target: at least 75 %)`)
}

async function bareRate(cluster: ControlPlane, fleet: readonly Member[]): Promise<number> {
  await using approvals = await Approvals.watch(cluster)
  const stored = await askAll(fleet)
  const started = performance.now()
  const approving = forEachOf(stored, BARE_PUTS, async (csr) => {
    const { status } = await cluster.adminRequest('PUT', `${CSRS}/${nameOf(csr)}/approval`, approved(csr))
    if (status !== 200) throw new Error(`a bare approval was answered ${status}`)
  })
  await approving
  return await rateOf(approvals, stored, started)
}

interface Burst {
  readonly cluster: ControlPlane
  readonly fleet: readonly Member[]
  readonly program: readonly string[]
  readonly tell: (line: string) => void
}

async function ourRate({ cluster, fleet, program, tell }: Burst): Promise<number> {
  await using service = await startService(cluster, { gate: false, program })
  await using approvals = await Approvals.watch(cluster)
  process.kill(service.pid, 'SIGSTOP')
  const stored = await askAll(fleet)
  using _heart = beat(cluster, fleet)
  const since = new Date()
  const cpuBefore = cpuMilliseconds(service.pid)
  process.kill(service.pid, 'SIGCONT')
  const rate = await rateOf(approvals, stored, performance.now())
  const cpu = (cpuMilliseconds(service.pid) - cpuBefore) / fleet.length
  tell(`  ${cpu.toFixed(2)} ms of CPU for each CSR`)
  tell(
    `  RSS at most ${peakMegabytes(service.pid).toFixed(0)} MB, of which ${ownMegabytes(service.pid).toFixed(0)} MB its own at the end`,
  )
  const calls = await callsByVerb(cluster, SERVICE_USER, since)
  for (const [call, count] of calls) tell(`  ${(count / fleet.length).toFixed(3)} ${call} for each CSR`)
  return rate
}

async function askAll(fleet: readonly Member[]): Promise<readonly JsonObject[]> {
  const stored: JsonObject[] = []
  await forEachOf(fleet, CREATORS, async (member) => void stored.push((await ask(member)).csr))
  return stored
}

async function rateOf(approvals: Approvals, stored: readonly JsonObject[], started: number): Promise<number> {
  const times = await Promise.all(stored.map((csr) => approvals.of(nameOf(csr))))
  return (stored.length / (Math.max(...times) - started)) * 1_000
}

/** A kubelet reports its Node's status every 5 min at the latest: a thousand of them, three times a second. */
function beat(cluster: ControlPlane, fleet: readonly Member[]): Disposable {
  let beats = 0
  const timer = setInterval(() => {
    const name = fleet[beats++ % fleet.length]?.name
    const metadata = { annotations: { 'example.com/beat': String(Date.now()) } }
    cluster.adminRequest('PATCH', `/api/v1/nodes/${name}`, { metadata }).catch(() => undefined)
  }, 300)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

function approved(csr: JsonObject): JsonObject {
  const status = isObject(csr['status']) ? csr['status'] : {}
  const condition = { type: 'Approved', status: 'True', reason: 'Bench', message: 'a bare PUT' }
  return { ...csr, status: { ...status, conditions: [condition] } }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
