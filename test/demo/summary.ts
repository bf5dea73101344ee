import type { Row } from '../scenarios/rows.ts'

export interface Summary {
  readonly asItMustBe: boolean
  readonly issued: number
  readonly refused: number
  readonly stored: number
  readonly problems: number
  /** For people. */
  readonly lines: readonly string[]
}

/** Fewer than these, and something was not played. */
const LEAST_ISSUED = 14
const LEAST_REFUSED = 50

export function summarize(rows: readonly Row[]): Summary {
  const good = rows.filter(({ problem }) => problem === null)
  const count = (select: (row: Row) => boolean) => good.filter(select).length
  const issued = new Set(good.filter(({ verdict }) => verdict === 'approve').map(({ by }) => by)).size
  const refused = count(({ component }) => component === 'webhook')
  const stored = count(({ phase, verdict }) => phase === 'webhook off' && verdict !== 'approve')
  const problems = rows.length - good.length
  const complete = issued >= LEAST_ISSUED && refused >= LEAST_REFUSED && stored >= LEAST_REFUSED
  const asItMustBe = complete && problems === 0
  const lines = [
    `${issued} honest nodes have their certificates; ${count(({ verdict }) => verdict === 'approve')} were issued in all`,
    `${refused} hostile requests were refused at creation, ${stored} got the same verdicts from the controller alone`,
    asItMustBe ? 'Every line is as it must be.' : `${problems} lines are not as they must be.`,
  ]
  return { asItMustBe, issued, refused, stored, problems, lines }
}
