import { setTimeout as sleep } from 'node:timers/promises'
import { type ControlPlane, startControlPlane } from '../../control-plane/control-plane.ts'
import { inColumns } from '../../kit/columns.ts'
import type { JsonObject } from '../../../server/ports.ts'
import type { Contender } from '../compare/contender.ts'
import { Approvals } from './approvals.ts'
import { callsByVerb } from './audit.ts'
import { approve } from './bare-approval.ts'
import { createFleet, forEachOf, type Member, withNewKey } from './fleet.ts'
import { LIMIT_BYTES, MemoryGroup } from './memory-group.ts'
import { cpuMilliseconds } from './process.ts'
import { askAll, fill, forget, rateOf } from './storm.ts'

const NODES = 1_000
/** The API server's own limit: so many approvals in flight, with nothing judged. */
const BARE_PUTS = 32
const ROUNDS = 5
/** Until memory is what it is while nothing happens. */
const IDLE_MS = 5_000

export interface BurstOptions {
  readonly contenders: readonly Contender[]
  /** Nodes of 14 KB, each with an approved CSR, that are there before. */
  readonly stored: number
  readonly print: (line: string) => void
}

interface Round {
  /** Approvals a second. */
  readonly rate: number
  /** Milliseconds of CPU for each CSR. */
  readonly cpu: number
  /** Working set in MiB before the first CSR, and after the last. */
  readonly idle: number
  readonly after: number
  /** Seconds from its start until it reports to be ready. */
  readonly ready: number
}

/** A thousand nodes ask at once: approvals a second by each contender, beside those of bare PUTs, in turns. */
export async function benchBurst({ contenders, stored, print }: BurstOptions): Promise<void> {
  await using cluster = await startControlPlane({ audit: true })
  if (stored > 0) await fill(cluster, stored, print)
  const fleet = await createFleet(cluster, NODES)
  print(`${NODES} Nodes, ${ROUNDS} rounds`)
  const bare: number[] = []
  const rounds = new Map(contenders.map((contender) => [contender, [] as Round[]]))
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await bareRate(cluster, fleet.map(withNewKey)))
    print(`${BARE_PUTS} bare PUTs: ${bare.at(-1)?.toFixed(0)} approvals/s`)
    await forget(cluster)
    for (const [contender, of] of rounds) {
      of.push(await roundOf(contender, cluster, fleet.map(withNewKey), print))
      await forget(cluster)
    }
  }
  for (const line of tableOf(bare, rounds)) print(line)
}

function tableOf(
  bare: readonly number[],
  rounds: ReadonlyMap<Contender, readonly Round[]>,
): readonly string[] {
  const head = ['', 'approvals/s', 'of bare PUTs', 'CPU ms/CSR', 'idle MiB', 'after MiB', 'ready s']
  const lines = [...rounds].map(([{ name }, of]) => {
    const rate = mean(of.map((one) => one.rate))
    const figures = (['cpu', 'idle', 'after', 'ready'] as const).map((figure) =>
      mean(of.map((one) => one[figure])),
    )
    const share = `${((rate / mean(bare)) * 100).toFixed(0)} %`
    return [name, rate.toFixed(0), share, ...figures.map((figure) => figure.toFixed(2))]
  })
  return inColumns([head, [`${BARE_PUTS} bare PUTs`, mean(bare).toFixed(0)], ...lines])
}

async function bareRate(cluster: ControlPlane, fleet: readonly Member[]): Promise<number> {
  await using approvals = await Approvals.watch(cluster)
  const stored: JsonObject[] = []
  const started = performance.now()
  const approving = forEachOf(
    arrivals(stored, fleet.length),
    BARE_PUTS,
    async (csr) => await approve(cluster, csr),
  )
  await Promise.all([askAll(fleet, stored), approving])
  return await rateOf(approvals, stored, started)
}

async function roundOf(
  contender: Contender,
  cluster: ControlPlane,
  fleet: readonly Member[],
  print: BurstOptions['print'],
): Promise<Round> {
  await using group = new MemoryGroup(LIMIT_BYTES)
  const launched = performance.now()
  await using running = await contender.start(cluster, group.launcher)
  const ready = (performance.now() - launched) / 1_000
  await using approvals = await Approvals.watch(cluster)
  using _heart = beat(cluster, fleet)
  await sleep(IDLE_MS)
  const idle = group.workingSet()
  const since = new Date()
  const cpuBefore = cpuMilliseconds(running.pid)
  const started = performance.now()
  const stored: JsonObject[] = []
  await askAll(fleet, stored)
  const rate = await rateOf(approvals, stored, started)
  const cpu = (cpuMilliseconds(running.pid) - cpuBefore) / fleet.length
  const after = group.workingSet()
  const calls = [...(await callsByVerb(cluster, contender.user, since))]
  const each = calls.map(([call, count]) => `${(count / fleet.length).toFixed(3)} ${call}`).join(', ')
  const memory = `${idle.toFixed(0)} → ${after.toFixed(0)} MiB`
  print(
    `${contender.name}: ${rate.toFixed(0)} approvals/s; for each CSR ${cpu.toFixed(2)} ms, ${each}; ${memory}`,
  )
  return { rate, cpu, idle, after, ready }
}

/** What is stored, as it comes. */
async function* arrivals(stored: readonly JsonObject[], total: number): AsyncGenerator<JsonObject> {
  for (let index = 0; index < total; index++) {
    while (index >= stored.length) await sleep(1)
    const csr = stored[index]
    if (csr !== undefined) yield csr
  }
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

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length
}
