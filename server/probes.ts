import type { AddressInfo } from 'node:net'
import { watchLoop } from './loop-watch.ts'
import { createMetricsServer, type HealthCheck } from './observe.ts'
import type { ListenAddress } from './options.ts'
import type { Log } from './ports.ts'
import type { MetricsRecorder } from './report/recorder.ts'

interface ProbesParts {
  readonly address: ListenAddress
  readonly log: Log
  readonly metrics: Pick<MetricsRecorder, 'render' | 'processFrom'>
  readonly droppedLines: () => number
}

interface OpenProbes {
  readonly address: AddressInfo
  /** Adds a liveness check. */
  require(check: HealthCheck): void
  /** Why liveness fails, or null. */
  problem(): string | null
  drain(): void
  stop(): Promise<void>
}

export async function openProbes(
  { address: at, log, metrics, droppedLines }: ProbesParts,
  readinessChecks: readonly HealthCheck[],
): Promise<OpenProbes> {
  const loop = watchLoop(log)
  metrics.processFrom({ droppedLines, longestStallMs: () => loop.longestMs() })
  const livenessChecks: HealthCheck[] = [{ name: 'event-loop', problem: () => loop.problem() }]
  const server = createMetricsServer({ metrics, readinessChecks, livenessChecks })
  const address = await server.listen(at)
  log.info({ address: address.address, port: address.port }, 'probes and metrics are served')
  return {
    address,
    require: (check) => void livenessChecks.push(check),
    problem: () => livenessChecks.map(({ problem }) => problem()).find((problem) => problem !== null) ?? null,
    drain: () => server.drain(),
    stop() {
      loop.stop()
      return server.close()
    },
  }
}
