import type { Series } from '../alert-rules.ts'

/** Keeps the samples of each series, one a minute, and gives them in the notation of promtool. */
export class Recorder {
  readonly #names: ReadonlySet<string>
  readonly #values = new Map<string, (string | undefined)[]>()

  /** Of all others nothing is kept. */
  constructor(names: ReadonlySet<string>) {
    this.#names = names
  }

  /** A page of /metrics as it was scraped; `labels` are those of the target. */
  page(minute: number, body: string, labels: string): void {
    for (const line of body.split('\n')) {
      const at = line.lastIndexOf(' ')
      if (at > 0 && !line.startsWith('#'))
        this.sample(minute, withLabels(line.slice(0, at), labels), line.slice(at + 1))
    }
  }

  sample(minute: number, series: string, value: number | string): void {
    if (!this.#names.has(series.split('{')[0] ?? '')) return
    const values = this.#values.get(series) ?? []
    values[minute] = String(value)
    this.#values.set(series, values)
  }

  series(): Series {
    return Object.fromEntries([...this.#values].map(([name, values]) => [name, notation(Array.from(values))]))
  }
}

function withLabels(series: string, labels: string): string {
  return series.endsWith('}') ? series.replace('{', `{${labels},`) : `${series}{${labels}}`
}

/** Runs of one value, and gaps. */
function notation(values: readonly (string | undefined)[]): string {
  const runs: { value: string | undefined; count: number }[] = []
  for (const value of values) {
    const last = runs.at(-1)
    if (last !== undefined && last.value === value) last.count += 1
    else runs.push({ value, count: 1 })
  }
  return runs
    .map(({ value, count }) => (value === undefined ? `_x${count}` : `${value}+0x${count - 1}`))
    .join(' ')
}
