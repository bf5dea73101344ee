/** Time and values along the edges of a panel. */
import type { FieldDefaults } from '../../../packaging/dashboard/grafana.ts'
import { colours } from './colours.ts'
import { FONT } from './layout.ts'
import { shown, tickStep } from './units.ts'

/** Seconds since the beginning. */
interface Mark {
  readonly letter: string
  readonly at: number
}

export interface Time {
  readonly seconds: number
  /** From one value to the next. */
  readonly step: number
  readonly marks: readonly Mark[]
}

const X_LABELS = 6
const axisLabel = { color: colours.faint, fontSize: 10, fontFamily: FONT, hideOverlap: true }

export function timeAxis({ seconds }: Time): object {
  return {
    type: 'value',
    min: 0,
    max: seconds,
    interval: Math.ceil(seconds / X_LABELS / 10) * 10,
    axisLabel: { ...axisLabel, showMaxLabel: false, formatter: minutes },
    axisLine: { lineStyle: { color: colours.line } },
    axisTick: { show: false },
    splitLine: { show: false },
  }
}

export function minutes(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
}

export function valueAxis({ unit, decimals }: FieldDefaults, top: number): object {
  const interval = tickStep(top === 0 ? 1 : top, unit, decimals === 0)
  return {
    type: 'value',
    min: 0,
    max: Math.max(1, Math.ceil(top / interval)) * interval,
    interval,
    axisLabel: { ...axisLabel, formatter: (value: number) => shown(value, unit) },
    axisLine: { show: false },
    splitLine: { lineStyle: { color: colours.line } },
  }
}
