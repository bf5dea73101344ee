/** What Grafana asks Prometheus for a panel, and what it is answered. */

/** Seconds since the epoch, and from one value to the next: the time between scrapes. */
export interface Range {
  readonly start: number
  readonly end: number
  readonly step: number
}

export interface Series {
  readonly labels: Readonly<Record<string, string>>
  /** By time, in seconds since the epoch; what is no number is left out. */
  readonly values: ReadonlyMap<number, number>
}

/** As Prometheus answers. */
interface Matrix {
  readonly metric: Readonly<Record<string, string>>
  readonly values: readonly (readonly [number, string])[]
}

export async function rangeQuery(
  url: string,
  expr: string,
  { start, end, step }: Range,
): Promise<readonly Series[]> {
  const parameters = new URLSearchParams({
    // By Grafana's rule: four scrapes, so that one which fails leaves enough to tell a rate by.
    query: expr.replaceAll('$__rate_interval', `${4 * step}s`),
    start: String(start),
    end: String(end),
    step: String(step),
  })
  const response = await fetch(`${url}/api/v1/query_range?${parameters.toString()}`)
  const text = await response.text()
  if (!response.ok) throw new Error(`${expr}: ${response.status} ${text}`)
  const { data }: { data: { result: Matrix[] } } = JSON.parse(text)
  return data.result.map(({ metric, values }) => ({
    labels: metric,
    values: new Map(values.map(([time, value]) => [time, Number(value)] as const).filter(isNumber)),
  }))
}

/** A quantile of nothing is NaN. */
function isNumber([, value]: readonly [number, number]): boolean {
  return !Number.isNaN(value)
}
