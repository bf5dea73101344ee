import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '../server/ports.ts'
import type { Service } from '../server/service.ts'

/** After the drain. What cannot end by then waits for an API server that does not answer. */
export const STOP_WITHIN_MS = 10_000

/** For the last lines of the log, after that. */
export const FLUSH_MS = 1_000

interface Shutdown {
  readonly log: Log
  /** The first signal. */
  readonly stop: Promise<string>
  /** A second signal ends the drain at once. */
  readonly nextStop: () => Promise<string>
  readonly drainMs: number
  /** Only tests set this. */
  readonly stopWithinMs?: number
}

/** Keeps serving for `drainMs` after the first signal, then ends the service. Returns the exit code, whatever hangs. */
export async function untilStopped(
  service: Pick<Service, 'drain' | 'problem' | 'stop'>,
  { log, stop, nextStop, drainMs, stopWithinMs = STOP_WITHIN_MS }: Shutdown,
): Promise<number> {
  const signal = await stop
  const problem = service.problem()
  log.info({ signal, drainMs }, 'draining')
  service.drain()
  await Promise.race([pause(drainMs), nextStop()])
  const stopped = await Promise.race([service.stop().then(() => true), pause(stopWithinMs).then(() => false)])
  if (!stopped) log.error({ withinMs: stopWithinMs }, 'stopped before all work had finished')
  // With an exit code other than 0, the kubelet shows the last lines of the log as the reason of the restart.
  else if (problem !== null) log.error({ problem }, 'stopped after liveness had failed')
  else log.info({}, 'stopped')
  return stopped && problem === null ? 0 : 1
}
