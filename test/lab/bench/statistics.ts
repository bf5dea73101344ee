/** Of samples that are not empty, p from 0 to 1, by nearest rank. */
export function percentile(samples: readonly number[], p: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN
}

export interface Spread {
  readonly count: number
  readonly p50: number
  readonly p99: number
}

export function spread(samples: readonly number[]): Spread {
  return { count: samples.length, p50: percentile(samples, 0.5), p99: percentile(samples, 0.99) }
}

export function describe(name: string, { count, p50, p99 }: Spread): string {
  return `${name.padEnd(34)} p50 ${p50.toFixed(2).padStart(8)} ms   p99 ${p99.toFixed(2).padStart(8)} ms   of ${count}`
}
