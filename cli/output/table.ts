import { oneLine } from '../../policies/text.ts'
import type { Output } from '../context.ts'
import { styled, type Tone } from './style.ts'

export type Cell = string | { readonly text: string; readonly tone?: Tone }

export interface Column {
  readonly title: string
  readonly align?: 'right'
  /** Where the text is cut if the terminal is too narrow: names differ at both ends. Default: never. */
  readonly cut?: 'end' | 'middle'
}

const GAP = '  '
/** A column is never cut shorter than this: two words of a sentence, or both ends of a name. */
const CUT_MIN = 16
/** Longest text of one cell. No message of ours is longer. */
const CELL_MAX = 1_024

/**
 * Rows below their titles. On a terminal, the widest columns that may be cut are cut until a row fits in a line; elsewhere
 * nothing is cut. Every cell becomes printable ASCII, whoever wrote it.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  output: Output,
): string {
  const cells = rows.map((row) => row.map(printable))
  const widths = fitted(columns, widthsOf(columns, cells), output.columns)
  const header = columns.map(({ title }) => ({ text: title, tone: 'strong' as const }))
  return [header, ...cells].map((row) => line(columns, row, widths, output)).join('')
}

interface Printable {
  readonly text: string
  readonly tone?: Tone
}

function printable(cell: Cell): Printable {
  const { text, ...tone } = typeof cell === 'string' ? { text: cell } : cell
  return { text: oneLine(text, CELL_MAX), ...tone }
}

function widthsOf(columns: readonly Column[], rows: readonly (readonly Printable[])[]): number[] {
  return columns.map(({ title }, index) =>
    rows.reduce((widest, row) => Math.max(widest, row[index]?.text.length ?? 0), title.length),
  )
}

/** Takes what is too much from the widest column that may be cut, down to the next widest, until the row fits. */
function fitted(columns: readonly Column[], natural: readonly number[], width: number | null): number[] {
  const widths = [...natural]
  if (width === null) return widths
  for (;;) {
    const excess = sum(widths) + GAP.length * (widths.length - 1) - width
    const shrinkable = columns.flatMap(({ cut }, index) => {
      const own = widths[index] ?? 0
      return cut !== undefined && own > CUT_MIN ? [{ index, own }] : []
    })
    const [widest, next] = shrinkable.sort((one, other) => other.own - one.own)
    if (excess <= 0 || widest === undefined) return widths
    const floor = Math.max(CUT_MIN, Math.min(next?.own ?? CUT_MIN, widest.own - 1))
    widths[widest.index] = Math.max(floor, widest.own - excess)
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

function line(
  columns: readonly Column[],
  row: readonly Printable[],
  widths: readonly number[],
  output: Output,
): string {
  const parts = columns.map((column, index) => {
    const { text, tone } = row[index] ?? { text: '' }
    const width = widths[index] ?? 0
    const shown = cutTo(text, width, column.cut)
    const padding = ' '.repeat(width - shown.length)
    const styledText = styled(shown, tone, output)
    return column.align === 'right' ? padding + styledText : styledText + padding
  })
  return `${parts.join(GAP).trimEnd()}\n`
}

const ELLIPSIS = '...'

function cutTo(text: string, width: number, cut: Column['cut']): string {
  if (text.length <= width) return text
  const kept = Math.max(width - ELLIPSIS.length, 0)
  const tail = cut === 'middle' ? Math.floor(kept / 2) : 0
  return text.slice(0, kept - tail) + ELLIPSIS + (tail === 0 ? '' : text.slice(-tail))
}
