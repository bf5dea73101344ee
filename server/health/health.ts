import type { AddressInfo } from 'node:net'
import type { Config } from '../config.ts'
import type { Log } from '../ports.ts'
import type { MetricsRecorder } from '../report/recorder.ts'
import { watchLoop } from './loop-watch.ts'
import { createHealthServer, type HealthCheck } from './server.ts'

interface HealthDependencies {
  readonly config: Pick<Config, 'listenAddress' | 'metrics'>
  readonly readiness: readonly HealthCheck[]
  /** Besides the event loop. */
  readonly liveness: readonly HealthCheck[]
  /** How many lines the log has dropped. */
  readonly droppedLines: () => number
  readonly log: Log
  readonly recorder: Pick<MetricsRecorder, 'render' | 'processFrom'>
}

/** Answers probes and scrapes. */
export interface Health {
  readonly address: AddressInfo
  /** Why liveness fails, or null. */
  problem(): string | null
  drain(): void
  stop(): Promise<void>
}

export async function startHealth(dependencies: HealthDependencies): Promise<Health> {
  const { config, readiness, liveness, droppedLines, log, recorder } = dependencies
  const loop = watchLoop(log)
  recorder.processFrom({ droppedLines, longestStallMs: () => loop.longestMs() })
  const livenessChecks = [{ name: 'event-loop', problem: () => loop.problem() }, ...liveness]
  const server = createHealthServer({ metrics: recorder, readinessChecks: readiness, livenessChecks })
  const address = await server.listen({ host: config.listenAddress, port: config.metrics.port })
  log.info({ address: address.address, port: address.port }, 'probes and metrics are served')
  return {
    address,
    problem: () => livenessChecks.map(({ problem }) => problem()).find((problem) => problem !== null) ?? null,
    drain: () => server.drain(),
    stop() {
      loop.stop()
      return server.close()
    },
  }
}
