/** The whole dashboard as one SVG. */
import { type EChartsOption, init, type TitleComponentOption } from 'echarts'
import type { Row } from '../../../packaging/dashboard/grafana.ts'
import { minutes, type Time } from './axes.ts'
import { colours } from './colours.ts'
import { type Box, boxOf, FONT, GAP, WIDTH } from './layout.ts'
import { drawPanel } from './panel.ts'
import type { Reading } from './readings.ts'

/** What happened, in the order of letters. */
interface Told {
  readonly title: string
  /** Seconds since the beginning. */
  readonly at: number
}

export interface Pictured {
  readonly rows: readonly Row[]
  readonly readings: readonly Reading[]
  readonly seconds: number
  readonly step: number
  readonly told: readonly Told[]
}

const HEADER = 84
/** What ECharts would find its way by in a browser. */
const FOR_SCRIPTS = / (ecmeta_\w+|pointer-events)="[^"]*"/g

/** @returns SVG text, the same for the same readings */
export function draw(pictured: Pictured): string {
  const { readings, seconds, step, told } = pictured
  const boxes = readings.map(({ panel }) => boxOf(panel.gridPos, HEADER))
  const height = Math.max(...boxes.map(({ top, height: own }) => top + own)) + GAP
  const time = { seconds, step, marks: told.map(({ at }, index) => ({ letter: letterOf(index), at })) }
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height })
  chart.setOption(optionOf(pictured, boxes, time))
  const svg = chart.renderToSVGString()
  chart.dispose()
  return `${svg.replaceAll(FOR_SCRIPTS, '')}\n`
}

function optionOf({ rows, readings, told }: Pictured, boxes: readonly Box[], time: Time): EChartsOption {
  const panels = readings.flatMap((reading, index) => {
    const box = boxes[index]
    return box === undefined ? [] : [drawPanel(reading, box, index, time)]
  })
  return {
    animation: false,
    backgroundColor: colours.page,
    title: [...headerOf(told, time), ...rows.map(rowTitle), ...panels.map(({ title }) => title)],
    graphic: boxes.map(card),
    grid: panels.map(({ grid }) => grid),
    legend: panels.flatMap(({ legends }) => legends),
    xAxis: panels.map(({ xAxis }) => xAxis),
    yAxis: panels.map(({ yAxis }) => yAxis),
    series: panels.flatMap(({ series }) => series),
  }
}

function card({ left, top, width, height }: Box): object {
  const shape = { x: left, y: top, width, height, r: 2 }
  const style = { fill: colours.panel, stroke: colours.border, lineWidth: 1 }
  return { type: 'rect', shape, style, silent: true, z: -1 }
}

function rowTitle({ title, gridPos }: Row): TitleComponentOption {
  const { left, top } = boxOf(gridPos, HEADER)
  const textStyle = { fontSize: 15, fontWeight: 500, fontFamily: FONT, color: colours.text } as const
  return { text: title, left: left + 2, top: top + 9, padding: 0, textStyle }
}

function headerOf(told: readonly Told[], { seconds }: Time): readonly TitleComponentOption[] {
  const happened = told.map(({ title, at }, index) => `${letterOf(index)} ${minutes(at)} ${title}`)
  const half = Math.ceil(happened.length / 2)
  const subtext = [happened.slice(0, half), happened.slice(half)]
    .map((line) => line.join('   ·   '))
    .join('\n')
  return [
    {
      text: `kubelet-csr-gate: its dashboard after ${minutes(seconds)} minutes of a real run`,
      subtext,
      left: 14,
      top: 12,
      padding: 0,
      itemGap: 9,
      textStyle: { fontSize: 18, fontWeight: 500, fontFamily: FONT, color: colours.text },
      subtextStyle: { fontSize: 12, lineHeight: 17, fontFamily: FONT, color: colours.faint },
    },
  ]
}

function letterOf(index: number): string {
  return String.fromCodePoint(0x41 + index)
}
