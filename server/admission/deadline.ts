/** Longest time for a decision: below the webhook's timeoutSeconds of 3, with time to answer and for one shed retry. */
const OWN_BOUND_MS = 2_500
/** Of the caller's timeout, what is left for the way there and back. */
const MARGIN_MS = 250
/** Between the signal that ends look-ups and the answer: time to say which fact is missing. */
const WIND_DOWN_MS = 100
/** Shortest time for a decision, whatever the caller asks for. */
const LEAST_MS = WIND_DOWN_MS + 50

/** A Go duration as the API server writes it into `?timeout=`: whole seconds. */
const TIMEOUT = /^(\d{1,5})(ms|s)$/

/** How long one review may take, in milliseconds, from the `timeout` of its query. */
export function budgetOf(timeout: string | readonly string[] | undefined): number {
  const match = typeof timeout === 'string' ? TIMEOUT.exec(timeout) : null
  if (match === null) return OWN_BOUND_MS
  const asked = Number(match[1]) * (match[2] === 's' ? 1_000 : 1)
  return Math.max(LEAST_MS, Math.min(OWN_BOUND_MS, asked - MARGIN_MS))
}

/**
 * The outcome of `work`, or null when it has none after `budgetMs`. The signal is given a little before,
 * so that work which heeds it still answers. Rejects as `work` does, unless that comes too late.
 */
export function withinBudget<T>(
  budgetMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const stop = new AbortController()
  const { promise: late, resolve } = Promise.withResolvers<null>()
  const signalTimer = setTimeout(() => stop.abort(), budgetMs - WIND_DOWN_MS)
  const lateTimer = setTimeout(() => resolve(null), budgetMs)
  return Promise.race([work(stop.signal), late]).finally(() => {
    clearTimeout(signalTimer)
    clearTimeout(lateTimer)
  })
}
