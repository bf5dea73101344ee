import { styleText } from 'node:util'
import type { Progress, Row } from '../suite/rows.ts'

/** Writes what happens as it happens, a line each. */
export function createProgress(stream: NodeJS.WriteStream): Progress {
  const outcome = ({ verdict, reason, component, problem }: Row) =>
    problem === null
      ? `${styleText('green', `${verdict} ${reason}`, { stream })} by the ${component}`
      : styleText('red', `${verdict} ${reason}: ${problem}`, { stream })
  return {
    say: (text) => void stream.write(`${styleText('bold', text, { stream })}\n`),
    row: (row) => void stream.write(`  ${row.asked} (${row.by}): ${outcome(row)}\n`),
  }
}
