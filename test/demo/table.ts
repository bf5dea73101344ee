import type { Row } from '../scenarios/rows.ts'
import { colours } from './colours.ts'
import { inColumns } from './columns.ts'

const HEAD = ['', 'webhook', 'asked', 'by', 'verdict', 'reason', 'component', 'ms'] as const

/** All rows, aligned; a line below each that is not as it must be says why. */
export function renderTable(rows: readonly Row[], terminal: boolean): string {
  const { bold, good, bad } = colours(terminal)
  const [head = '', ...lines] = inColumns([HEAD, ...rows.map(cellsOf)])
  const body = rows.flatMap(({ problem }, index) => {
    const text = lines[index] ?? ''
    return problem === null ? [good(text)] : [bad(text), bad(`   ${problem}`)]
  })
  return [bold(head), ...body].join('\n')
}

function cellsOf({ phase, asked, by, verdict, reason, component, ms, problem }: Row): readonly string[] {
  const mark = problem === null ? 'ok' : 'NO'
  const took = Number.isNaN(ms) ? '' : ms.toFixed(ms < 10 ? 1 : 0)
  return [mark, phase.replace('webhook ', ''), asked, by, verdict, reason, component, took]
}
