import { styleText } from 'node:util'
import { inColumns } from '../kit/columns.ts'
import type { Row } from '../suite/rows.ts'

const HEAD = ['', 'webhook', 'request', 'user', 'verdict', 'reason', 'component', 'ms'] as const

/** All rows in columns; what is wrong with a row stands below it. Colours where standard output is a terminal. */
export function renderTable(rows: readonly Row[]): string {
  const [head = '', ...lines] = inColumns([HEAD, ...rows.map(cellsOf)])
  const body = rows.flatMap(({ problem }, index) => {
    const text = lines[index] ?? ''
    return problem === null
      ? [styleText('green', text)]
      : [styleText('red', text), styleText('red', `   ${problem}`)]
  })
  return [styleText('bold', head), ...body].join('\n')
}

function cellsOf({ phase, asked, by, verdict, reason, component, ms, problem }: Row): readonly string[] {
  const mark = problem === null ? 'ok' : 'NO'
  const took = Number.isNaN(ms) ? '' : ms.toFixed(ms < 10 ? 1 : 0)
  return [mark, phase.replace('webhook ', ''), asked, by, verdict, reason, component, took]
}
