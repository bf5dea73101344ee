/**
 * One run at a time, and none within `everyMs` after the last began. Whoever asks meanwhile gets the outcome of that one,
 * so that callers without number cost one run.
 */
export function atMostEvery<T>(
  everyMs: number,
  run: () => Promise<T>,
  now: () => number = () => performance.now(),
): () => Promise<T> {
  let running = false
  let startedAt = Number.NEGATIVE_INFINITY
  let last: Promise<T> | undefined
  return () => {
    if (last !== undefined && (running || now() - startedAt < everyMs)) return last
    running = true
    startedAt = now()
    last = run().finally(() => {
      running = false
    })
    return last
  }
}
