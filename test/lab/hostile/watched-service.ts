/** One process of the shipped program in a container of the chart's size, started again whenever it ends. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { type Service, type ServiceOptions, startService } from '../../kit/service/service.ts'
import { LIMIT_BYTES, MemoryGroup } from '../bench/memory-group.ts'
import { shippedProgram } from '../../kit/service/shipped.ts'

const SAMPLE_MS = 100
/** Before it is started again. A kubelet waits 10 s and more. */
const RESTART_MS = 1_000

export interface WatchedService extends AsyncDisposable {
  /** Whichever runs now; all have the same addresses. */
  readonly current: Service
  /** MiB of working set, at its highest since it was started. */
  readonly peak: number
  /** How each process ended that was not asked to: an exit code or a signal. */
  readonly ends: readonly string[]
}

export async function startWatched(
  cluster: ControlPlane,
  name: string,
  options: ServiceOptions,
): Promise<WatchedService> {
  await using stack = new AsyncDisposableStack()
  const group = stack.use(new MemoryGroup(LIMIT_BYTES))
  const whole = { ...options, ...(await shippedProgram()), launcher: group.launcher }
  let current = await startService(cluster, whole)
  let peak = 0
  const stopping = new AbortController()
  const ends: string[] = []
  const sampling = setInterval(() => {
    peak = Math.max(peak, group.workingSet())
  }, SAMPLE_MS)

  const startAgain = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await sleep(RESTART_MS)
      try {
        current = await startService(cluster, { ...whole, after: current })
        return
      } catch {
        ends.push(`${name}: not ready again`)
      }
    }
  }
  const keep = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await current.child.gone
      if (stopping.signal.aborted) return
      ends.push(`${name}: ${current.child.ended()}`)
      await current.stop()
      await startAgain()
    }
  }
  const kept = keep()
  stack.defer(async () => {
    stopping.abort()
    clearInterval(sampling)
    await current.stop()
    await kept
    // One that was being started meanwhile.
    await current.stop()
  })
  const owned = stack.move()
  return {
    get current() {
      return current
    },
    get peak() {
      return peak
    },
    ends,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
