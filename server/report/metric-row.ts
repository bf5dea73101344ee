/**
 * A metric of ours: names and labels are a contract with dashboards. Never a node's or a CSR's name as a label.
 * `component` is the component that the metric is about, or for the whole process those that it runs: `webhook`,
 * `controller` or `both`. Names that other programs use too have their labels, and no component.
 */
export interface MetricRow {
  readonly name: string
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  /** Upper bounds, in the metric's unit. */
  readonly buckets?: readonly number[]
}

/** From half a millisecond to past the webhook's timeout of 3 s. */
export const answerSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
