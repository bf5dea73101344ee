import { setTimeout as sleep } from 'node:timers/promises'

/** Longer than anything in one process takes on a loaded machine. */
const WITHIN_MS = 15_000
const EVERY_MS = 10
/** Between looks of which each starts a process. */
const SLOW_MS = 250

type Nothing = undefined | null | false

/**
 * Looks until there is something, and returns it. An error of `look` counts as nothing found;
 * when the time is over, the last one stands in the message.
 */
export async function until<T>(
  look: () => T | Nothing | Promise<T | Nothing>,
  what = String(look),
  withinMs = WITHIN_MS,
  everyMs = EVERY_MS,
): Promise<T> {
  const deadline = performance.now() + withinMs
  let cause: unknown
  for (;;) {
    try {
      const found = await look()
      if (isThere(found)) return found
      cause = undefined
    } catch (error) {
      cause = error
    }
    if (performance.now() > deadline) break
    await sleep(everyMs)
  }
  const last = cause instanceof Error ? `; last error: ${cause.message}` : ''
  throw new Error(`${what}: not within ${withinMs / 1000} s${last}`, { cause })
}

function isThere<T>(found: T | Nothing): found is T {
  return found !== undefined && found !== null && found !== false
}

/** As {@link until}, for looks of which each starts a process. */
export function eventually<T>(what: string, seconds: number, look: () => Promise<T | Nothing>): Promise<T> {
  return until(look, what, seconds * 1_000, SLOW_MS)
}
