/** What the queries of the dashboard are made of. */

export interface Query {
  readonly expr: string
  readonly legend: string
}

/** The job that both monitors of the chart set; the template puts another name in its place where there is one. */
export const JOB = '{job="kubelet-csr-gate"}'
export const RATE = '[$__rate_interval]'

export const query = (legend: string, expr: string): Query => ({ legend, expr })

export const our = ({ name }: { readonly name: string }, labels = ''): string =>
  `${name}{job="kubelet-csr-gate"${labels}}`

export const perSecond = (series: string, by: string): string => `sum by (${by}) (rate(${series}${RATE}))`

/** Without those that have stopped: a dozen legends of lines at 0 hide the one that is not. */
export const seen = (rates: string): string => `${rates} > 0`

/**
 * How many were at it on average, from the sum of how long each was: seconds a second. A gauge of what takes a
 * millisecond is 0 whenever it is scraped.
 */
export const meanNumber = (sumOfSeconds: string, by: string): string => perSecond(sumOfSeconds, by)

const quantile = (share: number, metric: string, selector: string): string =>
  `histogram_quantile(${share}, ${perSecond(`${metric}_bucket${selector}`, 'le')})`

/** Three quantiles of a histogram. */
export function quantiles(metric: string, selector: string): readonly Query[] {
  return [0.5, 0.95, 0.99].map((share) => query(`p${share * 100}`, quantile(share, metric, selector)))
}
