/** What the panels of the dashboard are made of. */

/** Units by their ids in Grafana. */
type Unit = 'short' | 'none' | 's' | 'ops' | 'bytes' | 'percentunit' | 'suffix:days'

/** A colour and the value from which it applies; null is below all others. */
interface Step {
  readonly color: 'green' | 'orange' | 'red'
  readonly value: number | null
}

export interface Panel {
  /** Default: lines over time. `stat`: one number. `table`: a row for each series. Both show the latest values. */
  readonly kind?: 'stat' | 'table'
  readonly title: string
  readonly unit: Unit
  readonly about: string
  /** Expressions by their legends. */
  readonly queries: Readonly<Record<string, string>>
  /** Where an alert fires, or facts count as unknown. */
  readonly steps?: readonly Step[]
}

export const panel = (title: string, unit: Unit, about: string, queries: Panel['queries']): Panel => ({
  title,
  unit,
  about,
  queries,
})

/** A panel that shows one number: no more than a glance is needed. */
export const stat = (unmarked: Panel): Panel => ({ ...unmarked, kind: 'stat' })

/** A panel with a row for each series. `queries` has one, by the title of the column with its values. */
export const table = (unmarked: Panel): Panel => ({ ...unmarked, kind: 'table' })

/** Marks a warning, and a critical limit where there is one, that a panel's values should stay below. */
export const below = ([warning, critical]: readonly [number, number?], unmarked: Panel): Panel => ({
  ...unmarked,
  steps: [
    { color: 'green', value: null },
    { color: 'orange', value: warning },
    ...(critical === undefined ? [] : [{ color: 'red', value: critical } as const]),
  ],
})

/** Marks limits that a panel's values should stay above. */
export const above = ([warning, critical]: readonly [number, number], unmarked: Panel): Panel => ({
  ...unmarked,
  steps: [
    { color: 'red', value: null },
    { color: 'orange', value: critical },
    { color: 'green', value: warning },
  ],
})

/** What the variable of the cluster selects. A series without the label is selected by all. */
const IN_CLUSTER = 'cluster=~"$cluster"'

/** Series of our pods, in the releases that the variables select. */
export const our = (metric: string | { readonly name: string }, labels = ''): string =>
  selected(metric, `job=~"$job",namespace=~"$namespace"${labels && `,${labels}`}`)

/** Series of others in the selected clusters; `labels` select further. */
export const selected = (metric: string | { readonly name: string }, labels: string): string =>
  `${typeof metric === 'string' ? metric : metric.name}{${labels},${IN_CLUSTER}}`

/** Series of kubelets. The chart's template replaces the job with metrics.kubeletJob. */
export const kubelets = (metric: string): string => selected(metric, 'job="kubelet"')

export const rate = (series: string): string => `rate(${series}[$__rate_interval])`

export const perSecond = (series: string, by: string): string => `sum by (${by}) (${rate(series)})`

/** Leaves out series that have stopped: a dozen lines at 0 hide the one that is not. */
export const nonZero = (rates: string): string => `${rates} > 0`

/** Quantiles of the histogram whose buckets are `buckets`. */
export const quantiles = (buckets: string): Panel['queries'] =>
  Object.fromEntries(
    [0.5, 0.95, 0.99].map((share) => [
      `p${share * 100}`,
      `histogram_quantile(${share}, ${perSecond(buckets, 'le')})`,
    ]),
  )
