import { setTimeout as sleep } from 'node:timers/promises'
import { startControlPlane } from '../../control-plane/control-plane.ts'
import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { isObject } from '../../kit/client.ts'
import { startService } from '../../kit/service/service.ts'
import { CSRS } from '../../kit/kubelet/csr.ts'
import type { JsonObject } from '../../../server/ports.ts'
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
const ROUNDS = 4

const SERVICE_USER = 'system:serviceaccount:kubelet-csr-gate:kubelet-csr-gate'

/** How the thousand come: all of them stored before the first is approved, or approved while they are created. */
type Arrival = 'stored' | 'arriving'

interface Burst {
  readonly cluster: ControlPlane
  readonly fleet: readonly Member[]
  readonly program: readonly string[]
  readonly arrival: Arrival
  readonly print: (line: string) => void
}

/** A thousand nodes ask at once: approvals a second by the controller, beside those of bare PUTs, in turns. */
export async function benchBurst(print: (line: string) => void): Promise<void> {
  await using cluster = await startControlPlane({ audit: true })
  const program = await shippedProgram()
  const fleet = await createFleet(cluster, NODES)
  print(`${NODES} Nodes`)
  for (const arrival of ['arriving', 'stored'] as const) {
    const burst = { cluster, fleet, program, arrival, print }
    const bare: number[] = []
    const ours: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      bare.push(await bareRate(burst))
      print(`${arrival}: bare PUTs, ${BARE_PUTS} in flight: ${bare.at(-1)?.toFixed(0)} approvals/s`)
      ours.push(await ourRate(burst))
      print(`${arrival}: the controller: ${ours.at(-1)?.toFixed(0)} approvals/s`)
    }
    const percent = ((sum(ours) / sum(bare)) * 100).toFixed(0)
    print(`${arrival}: the controller at ${percent} % of the API server's own limit (target: at least 75 %)`)
  }
}

async function bareRate({ cluster, fleet, arrival }: Burst): Promise<number> {
  await using approvals = await Approvals.watch(cluster)
  const stored: JsonObject[] = []
  let started = performance.now()
  const creating = askAll(fleet, stored)
  if (arrival === 'stored') {
    await creating
    started = performance.now()
  }
  const approving = forEachOf(arrivals(stored, fleet.length), BARE_PUTS, async (csr) => {
    const { status } = await cluster.adminRequest('PUT', `${CSRS}/${nameOf(csr)}/approval`, approved(csr))
    if (status !== 200) throw new Error(`a bare approval was answered ${status}`)
  })
  await Promise.all([creating, approving])
  return await rateOf(approvals, stored, started)
}

async function ourRate({ cluster, fleet, program, arrival, print }: Burst): Promise<number> {
  await using service = await startService(cluster, { webhook: false, program })
  await using approvals = await Approvals.watch(cluster)
  using _heart = beat(cluster, fleet)
  const stored: JsonObject[] = []
  // Stopped, it meets all of them at once.
  if (arrival === 'stored') {
    process.kill(service.pid, 'SIGSTOP')
    await askAll(fleet, stored)
  }
  const since = new Date()
  const cpuBefore = cpuMilliseconds(service.pid)
  const started = performance.now()
  if (arrival === 'stored') process.kill(service.pid, 'SIGCONT')
  else await askAll(fleet, stored)
  const rate = await rateOf(approvals, stored, started)
  const cpu = (cpuMilliseconds(service.pid) - cpuBefore) / fleet.length
  const [peak, own] = [peakMegabytes(service.pid), ownMegabytes(service.pid)]
  print(
    `  ${cpu.toFixed(2)} ms of CPU for each CSR; RSS at most ${peak.toFixed(0)} MB, ${own.toFixed(0)} MB its own`,
  )
  const calls = await callsByVerb(cluster, SERVICE_USER, since)
  for (const [call, count] of calls) print(`  ${(count / fleet.length).toFixed(3)} ${call} for each CSR`)
  return rate
}

async function askAll(fleet: readonly Member[], stored: JsonObject[]): Promise<void> {
  await forEachOf(fleet, CREATORS, async (member) => void stored.push((await ask(member)).csr))
}

/** What is stored, as it comes. */
async function* arrivals(stored: readonly JsonObject[], total: number): AsyncGenerator<JsonObject> {
  for (let index = 0; index < total; index++) {
    while (index >= stored.length) await sleep(1)
    const csr = stored[index]
    if (csr !== undefined) yield csr
  }
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
