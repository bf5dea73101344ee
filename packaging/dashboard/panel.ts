import type { Unit } from './grafana.ts'
import type { Query } from './promql.ts'

/** From where on it is no longer well, in the panel's unit: where an alert fires, or facts count as unknown. */
export interface Limits {
  readonly good: 'below' | 'above'
  readonly warning: number
  readonly critical?: number
}

export interface Panel {
  readonly title: string
  readonly unit: Unit
  readonly about: string
  readonly limits?: Limits
  readonly queries: readonly Query[]
}

export const panel = (
  [title, unit, about, limits]: readonly [string, Unit, string, Limits?],
  ...queries: readonly Query[]
): Panel => ({ title, unit, about, queries, ...(limits && { limits }) })
