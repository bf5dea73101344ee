import type { Fault, ParsedRequest } from '../../policies/types.ts'

type Reading = (request: string) => ParsedRequest | Fault

/** A kubelet's request has 1 KB of base64, 2 KB with an RSA-4096 key. Longer requests are rare and are parsed each time. */
const LENGTH_MAX = 4 * 1024

export interface Remembered {
  /** Parses a request, or returns the cached result. */
  readonly read: Reading
  /** The cached result, or undefined. */
  readonly recall: (request: string) => ParsedRequest | Fault | undefined
}

/**
 * Caches the last `entries` parsed requests. The webhook, the controller and the evidence parse the same request within
 * a second. The result depends only on the text.
 */
export function remember(read: Reading, entries: number): Remembered {
  const readings = new Map<string, ParsedRequest | Fault>()
  const readAndKeep: Reading = (request) => {
    const reading = readings.get(request) ?? read(request)
    if (request.length > LENGTH_MAX) return reading
    readings.delete(request)
    readings.set(request, reading)
    if (readings.size > entries) dropOldest(readings)
    return reading
  }
  return { read: readAndKeep, recall: (request) => readings.get(request) }
}

function dropOldest(readings: Map<string, unknown>): void {
  for (const oldest of readings.keys()) {
    readings.delete(oldest)
    return
  }
}
