import type { Log } from '../ports.ts'

const INTERVAL_MS = 1_000
/** Longer than the webhook's time-out of 3 s: answers were late. */
const LOGGED_MS = 5_000
/** Three of the kubelet's liveness probes. */
export const STALL_MS = 30_000
/** One probe of each caller sees the stall. */
export const REPORTED_MS = 10_000

interface LoopWatch {
  /** For liveness: that the event loop stood for too long, shortly after it went on. */
  problem(): string | null
  /** The longest stall since the start. */
  longestMs(): number
  stop(): void
}

/** Notices, once the event loop goes on, that it stood. While a machine is suspended, the monotonic clock stands too. */
export function watchLoop(log: Log, monotonic = (): number => performance.now()): LoopWatch {
  let [lookedAt, longestMs] = [monotonic(), 0]
  let last = { ms: 0, since: '', endedAt: -Infinity }
  const look = (): void => {
    const now = monotonic()
    const ms = now - lookedAt - INTERVAL_MS
    lookedAt = now
    longestMs = Math.max(longestMs, ms)
    if (ms < LOGGED_MS) return
    const since = new Date(Date.now() - ms).toISOString()
    log.error({ since, ms: Math.round(ms) }, 'the event loop stood still: nothing was answered')
    if (ms >= STALL_MS) last = { ms, since, endedAt: now }
  }
  const looking = setInterval(look, INTERVAL_MS).unref()
  return {
    problem() {
      // A probe that waited may be answered before the timer fires.
      if (monotonic() - lookedAt > INTERVAL_MS) look()
      if (monotonic() - last.endedAt >= REPORTED_MS) return null
      return `the event loop stood still for ${Math.round(last.ms / 1_000)} s from ${last.since}`
    },
    longestMs: () => longestMs,
    stop: () => clearInterval(looking),
  }
}
