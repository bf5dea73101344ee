/** Where things are on the picture, in pixels: Grafana's grid, its cells and gaps. */
import { format } from 'echarts'
import type { GridPosition } from '../../../packaging/dashboard/grafana.ts'

export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

export const WIDTH = 1_280
const MARGIN = 12
export const GAP = 8
const COLUMNS = 24
/** A cell of Grafana's grid is 30 pixels high. */
const CELL = 30 + GAP
const COLUMN = (WIDTH - 2 * MARGIN + GAP) / COLUMNS

/** @param above what stands above the grid */
export function boxOf({ x, y, w, h }: GridPosition, above: number): Box {
  return {
    left: MARGIN + x * COLUMN,
    top: above + y * CELL,
    width: w * COLUMN - GAP,
    height: h * CELL - GAP,
  }
}

export const FONT = 'Inter, Helvetica, Arial, sans-serif'
export const LEGEND_FONT_SIZE = 11
export const LEGEND_LINE = 17
export const SWATCH = 12
export const LEGEND_GAP = 12
/** Between a swatch and its text, by ECharts. */
const SWATCH_GAP = 5

/** Names of series are unique on the whole picture: what is shown follows the first space. */
export function labelOf(name: string): string {
  return name.slice(name.indexOf(' ') + 1)
}

/** Legends that are too long for one line, in lines. */
export function legendLines(names: readonly string[], width: number): readonly (readonly string[])[] {
  const lines: string[][] = [[]]
  let left = width
  for (const name of names) {
    const needed = SWATCH + SWATCH_GAP + textWidth(labelOf(name), LEGEND_FONT_SIZE) + LEGEND_GAP
    if (needed > left && lines.at(-1)?.length !== 0) {
      lines.push([])
      left = width
    }
    lines.at(-1)?.push(name)
    left -= needed
  }
  return lines
}

function textWidth(text: string, fontSize: number): number {
  return format.getTextRect(text, `${fontSize}px ${FONT}`).width
}
