import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Asks again every quarter second until the answer is not undefined.
 * `look` may throw: the last error's message then stands in the failure's text.
 */
export async function until<T>(
  what: string,
  seconds: number,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + seconds * 1000
  let last: unknown
  while (performance.now() < deadline) {
    try {
      const found = await look()
      if (found !== undefined) return found
    } catch (error) {
      last = error
    }
    await sleep(250)
  }
  throw new Error(`${what}: not within ${seconds} s${last instanceof Error ? `; last: ${last.message}` : ''}`)
}
