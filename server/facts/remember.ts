import type { Fault, ParsedRequest } from '../../policies/types.ts'

type Reading = (request: string) => ParsedRequest | Fault

/** A kubelet's own request is 1 KB of base64, 2 KB with an RSA-4096 key; what is longer is rare enough to be read again. */
const LENGTH_MAX = 4 * 1024

export interface Remembered {
  /** Reads, unless it has lately. */
  readonly read: Reading
  /** What was read lately, undefined when it was not. */
  readonly recall: (request: string) => ParsedRequest | Fault | undefined
}

/**
 * Reads each request once, though the webhook, the controller and the evidence all ask for it within a second: what a request
 * says depends on nothing but its text, and verifying its signature is most of what a judgement costs. The last
 * `entries` are kept, about 8 KB each at most.
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
