import { setTimeout as sleep } from 'node:timers/promises'
import { startControlPlane } from '../../control-plane/control-plane.ts'
import { inColumns } from '../../kit/columns.ts'
import { type Service, startService } from '../../kit/service/service.ts'
import { callsByVerb } from './audit.ts'
import { createFleet } from './fleet.ts'
import { LIMIT_BYTES, MemoryGroup } from './memory-group.ts'
import { cpuMilliseconds } from './process.ts'
import { reportStatus } from './status-reports.ts'
import { shippedProgram } from '../../kit/service/shipped.ts'

/** As whom both call the API. */
const USER = 'system:serviceaccount:kubelet-csr-gate:kubelet-csr-gate'
const REPLICAS = 2
const SAMPLE_MS = 15_000
/** Memory settles after the start: samples of the first quarter do not count towards the slope. */
const SETTLING = 0.25

export interface IdleOptions {
  readonly nodes: number
  readonly minutes: number
  readonly print: (line: string) => void
}

interface Sample {
  readonly hours: number
  readonly mebibytes: number
}

/** A cluster in which nobody asks for a certificate: what two replicas ask of the API server, and what they use. */
export async function benchIdle({ nodes, minutes, print }: IdleOptions): Promise<void> {
  await using cluster = await startControlPlane({ audit: true })
  const fleet = await createFleet(cluster, nodes, 'stored')
  print(`${nodes} Nodes, ${REPLICAS} replicas, ${minutes} min`)
  await using rooms = new AsyncDisposableStack()
  const replicas: { readonly group: MemoryGroup; readonly service: Service }[] = []
  for (let index = 0; index < REPLICAS; index++) {
    const group = rooms.use(new MemoryGroup(LIMIT_BYTES))
    // Nobody asks, so nothing is dialled.
    const proof = 'warn'
    const options = {
      leaderElect: true,
      proof,
      launcher: group.launcher,
      ...(await shippedProgram()),
    } as const
    replicas.push({ group, service: rooms.use(await startService(cluster, options)) })
  }
  using _reports = reportStatus(cluster, fleet)
  await sleep(SAMPLE_MS)
  const since = new Date()
  const cpuBefore = replicas.map(({ service }) => cpuMilliseconds(service.pid))
  const samples = await sampleFor(
    minutes,
    replicas.map(({ group }) => group),
  )
  const rows = replicas.map(({ service }, index) => {
    const cpu = (cpuMilliseconds(service.pid) - (cpuBefore[index] ?? 0)) / minutes / 60
    const of = samples[index] ?? []
    const [first, last] = [of[0]?.mebibytes ?? NaN, of.at(-1)?.mebibytes ?? NaN]
    return [
      `replica ${index + 1}`,
      cpu.toFixed(1),
      first.toFixed(1),
      last.toFixed(1),
      slopeOf(of.slice(of.length * SETTLING)).toFixed(2),
    ]
  })
  for (const line of inColumns([['', 'CPU ms/s', 'MiB first', 'MiB last', 'MiB an hour'], ...rows]))
    print(line)
  print('requests of both, a minute:')
  const calls = [...(await callsByVerb(cluster, USER, since))].sort(([, one], [, other]) => other - one)
  for (const [call, count] of calls) print(`  ${(count / minutes).toFixed(2)} ${call}`)
}

async function sampleFor(minutes: number, groups: readonly MemoryGroup[]): Promise<readonly Sample[][]> {
  const samples: Sample[][] = groups.map(() => [])
  const started = performance.now()
  while (performance.now() - started < minutes * 60_000) {
    for (const [index, group] of groups.entries()) {
      const hours = (performance.now() - started) / 3_600_000
      samples[index]?.push({ hours, mebibytes: group.workingSet() })
    }
    await sleep(SAMPLE_MS)
  }
  return samples
}

/** Least squares, in MiB an hour. */
function slopeOf(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length
  const [hours, mebibytes] = [mean((sample) => sample.hours), mean((sample) => sample.mebibytes)]
  const covariance = mean((sample) => (sample.hours - hours) * (sample.mebibytes - mebibytes))
  return covariance / mean((sample) => (sample.hours - hours) ** 2)
}
