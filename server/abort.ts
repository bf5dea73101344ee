/** Resolves when the caller's time is up; never without a signal. */
export function aborted(signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (signal?.aborted === true) resolve()
  signal?.addEventListener('abort', () => resolve(), { once: true })
  return promise
}

/**
 * Gives `work` a signal that fires after so long, or with the caller's. AbortSignal.timeout and .any take five times the CPU time,
 * and live on until the time is up.
 */
export async function timeLimited(
  ms: number,
  caller: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const limit = new AbortController()
  const stop = (): void => limit.abort()
  const timer = setTimeout(stop, ms)
  caller?.addEventListener('abort', stop, { once: true })
  if (caller?.aborted === true) stop()
  try {
    await work(limit.signal)
  } finally {
    clearTimeout(timer)
    caller?.removeEventListener('abort', stop)
  }
}
