/** One panel of the picture, as ECharts draws it. */
import type {
  GridComponentOption,
  LegendComponentOption,
  LineSeriesOption,
  TitleComponentOption,
} from 'echarts'
import type { FieldDefaults, TimeSeries } from '../../../packaging/dashboard/grafana.ts'
import { timeAxis, type Time, valueAxis } from './axes.ts'
import { colours, limitColours, palette } from './colours.ts'
import {
  type Box,
  FONT,
  labelOf,
  LEGEND_FONT_SIZE,
  LEGEND_GAP,
  LEGEND_LINE,
  legendLines,
  SWATCH,
} from './layout.ts'
import type { Curve, Reading } from './readings.ts'

const PADDING = 10
const TITLE_HEIGHT = 30
const FILLED_MAX = 4

/** @param index among all panels */
export function drawPanel({ panel, curves }: Reading, box: Box, index: number, time: Time) {
  const all = [...curves.values()].flat()
  const names = all.map(({ legend }, at) => `${panel.id}.${at} ${legend}`)
  const lines = legendLines(names, box.width - 2 * PADDING)
  const legendHeight = lines.length * LEGEND_LINE
  const top = all.reduce((max, { values }) => Math.max(max, ...values.map((value) => value ?? 0)), 0)
  return {
    title: titleOf(panel, box),
    grid: plotOf(box, legendHeight),
    legends: legendsOf(lines, box),
    xAxis: { gridIndex: index, ...timeAxis(time) },
    yAxis: { gridIndex: index, ...valueAxis(panel.fieldConfig.defaults, top) },
    series: all.map((curve, at) => ({
      ...lineOf(names[at] ?? '', curve, at, time),
      // Many fills are one mud.
      ...(all.length <= FILLED_MAX && { areaStyle: { opacity: 0.1 } }),
      xAxisIndex: index,
      yAxisIndex: index,
      ...(at === 0 && { markLine: marksOf(panel.fieldConfig.defaults, time) }),
    })),
  }
}

function titleOf({ title }: TimeSeries, { left, top }: Box): TitleComponentOption {
  const textStyle = { fontSize: 13, fontWeight: 500, fontFamily: FONT, color: colours.text } as const
  return { text: title, left: left + PADDING, top: top + 9, padding: 0, textStyle }
}

function plotOf({ left, top, width, height }: Box, legendHeight: number): GridComponentOption {
  const inner = {
    left: left + PADDING,
    top: top + TITLE_HEIGHT + 8,
    width: width - 2 * PADDING,
    height: height - TITLE_HEIGHT - legendHeight - 18,
  }
  return { ...inner, outerBoundsMode: 'same', outerBounds: inner, outerBoundsContain: 'axisLabel' }
}

/** A legend for each line, since ECharts would part lines as far as it parts names. */
function legendsOf(
  lines: readonly (readonly string[])[],
  { left, top, width, height }: Box,
): readonly LegendComponentOption[] {
  const below = top + height - 5
  return lines.map((line, at) => ({
    data: [...line],
    formatter: labelOf,
    left: left + PADDING,
    top: below - (lines.length - at) * LEGEND_LINE,
    width,
    padding: 0,
    itemGap: LEGEND_GAP,
    itemWidth: SWATCH,
    itemHeight: 3,
    icon: 'roundRect',
    textStyle: { color: colours.text, fontSize: LEGEND_FONT_SIZE, fontFamily: FONT },
  }))
}

function lineOf(name: string, { values }: Curve, at: number, { step }: Time): LineSeriesOption {
  const color = palette[at % palette.length] ?? colours.text
  return {
    type: 'line',
    name,
    data: values.map((value, index) => ({
      value: [index * step, value ?? '-'],
      // A value between gaps has no line to be seen by.
      ...(isMissing(values[index - 1]) && isMissing(values[index + 1]) && DOT),
    })),
    color,
    symbol: 'none',
    lineStyle: { width: 1.25 },
    silent: true,
  }
}

const DOT = { symbol: 'circle', symbolSize: 3 }

function isMissing(value: number | null | undefined): boolean {
  return value === null || value === undefined
}

/** What happened when, and limits; ECharts draws those that the axis reaches. */
function marksOf({ thresholds }: FieldDefaults, { marks }: Time): object {
  const limits = (thresholds?.steps ?? []).flatMap(({ value, color }) =>
    value === null
      ? []
      : [{ yAxis: value, label: { show: false }, lineStyle: { color: limitColours[color], type: [6, 4] } }],
  )
  const happened = marks.map(({ letter, at }) => ({ xAxis: at, name: letter }))
  return {
    silent: true,
    symbol: 'none',
    lineStyle: { color: colours.mark, type: [2, 3], width: 1 },
    label: { formatter: '{b}', color: colours.faint, fontSize: 9, fontFamily: FONT, distance: 1 },
    data: [...happened, ...limits],
  }
}
