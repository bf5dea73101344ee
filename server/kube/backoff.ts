const SHORTEST_MS = 200

/**
 * Milliseconds to wait before attempt number `failures` + 1. Doubles from 200 ms to `longestMs`, ±20 % so that replicas
 * do not retry at the same moment. Never less than `retryAfterMs`, which the server asked for.
 */
export function backoffMs(failures: number, longestMs: number, retryAfterMs: number | null = null): number {
  const doubled = Math.min(SHORTEST_MS * 2 ** Math.min(failures - 1, 30), longestMs)
  return Math.max(Math.round(jittered(doubled)), retryAfterMs ?? 0)
}

/** `ms` ±20 %. */
export function jittered(ms: number): number {
  return ms * (0.8 + Math.random() * 0.4)
}
