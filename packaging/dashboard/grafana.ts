/** Grafana's own format of a dashboard, as far as ours has it. */

export interface GridPosition {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

export interface Row {
  readonly id: number
  readonly type: 'row'
  readonly title: string
  readonly gridPos: GridPosition
  /** Those of a row that is folded. */
  readonly panels: readonly []
}

export interface TimeSeries {
  readonly id: number
  readonly type: 'timeseries'
  readonly title: string
  readonly description: string
  readonly datasource: object
  readonly gridPos: GridPosition
  readonly fieldConfig: { readonly defaults: FieldDefaults; readonly overrides: readonly [] }
  readonly options: object
  readonly targets: readonly Target[]
}

/** By their ids in Grafana. */
export type Unit = 'short' | 'none' | 's' | 'ops' | 'bytes' | 'percentunit' | 'suffix:days'

export interface FieldDefaults {
  readonly unit: Unit
  readonly decimals?: number
  readonly min: number
  readonly thresholds?: { readonly mode: 'absolute'; readonly steps: readonly Step[] }
  readonly custom: object
}

export interface Step {
  readonly color: 'green' | 'orange' | 'red'
  /** From which on; null for all below the others. */
  readonly value: number | null
}

export interface Target {
  readonly refId: string
  readonly datasource: object
  readonly expr: string
  readonly legendFormat: string
}
