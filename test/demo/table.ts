import type { Row } from '../scenarios/rows.ts'
import { colours } from './colours.ts'

const HEAD = ['', 'gate', 'asked', 'by', 'verdict', 'reason', 'half', 'ms'] as const

/** All rows, aligned; a line below each that is not as it must be says why. */
export function renderTable(rows: readonly Row[], terminal: boolean): string {
  const { bold, good, bad } = colours(terminal)
  const cells = rows.map(cellsOf)
  const widths = HEAD.map((head, column) =>
    Math.max(head.length, ...cells.map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  const body = rows.flatMap((row, index) => {
    const text = line(cells[index] ?? [])
    return row.problem === null ? [good(text)] : [bad(text), bad(`   ${row.problem}`)]
  })
  return [bold(line(HEAD)), ...body].join('\n')
}

function cellsOf({ phase, asked, by, verdict, reason, half, ms, problem }: Row): readonly string[] {
  const mark = problem === null ? 'ok' : 'NO'
  const took = Number.isNaN(ms) ? '' : ms.toFixed(ms < 10 ? 1 : 0)
  return [mark, phase.replace('gate ', ''), asked, by, verdict, reason, half, took]
}
