import type { Narrator, Row } from '../scenarios/rows.ts'
import { colours } from './colours.ts'

/** Tells what happens as it happens, a line each. */
export function createNarrator(stream: NodeJS.WriteStream): Narrator {
  const { bold, faint, good, bad } = colours(stream.isTTY)
  const outcome = ({ verdict, reason, component, problem }: Row) =>
    problem === null
      ? good(`${verdict} ${reason}`) + faint(` by the ${component}`)
      : bad(`${verdict} ${reason}: ${problem}`)
  return {
    say: (text) => void stream.write(`${bold(text)}\n`),
    row: (row) => void stream.write(`  ${row.asked} ${faint(`(${row.by})`)}: ${outcome(row)}\n`),
  }
}
