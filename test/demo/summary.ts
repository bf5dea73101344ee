import type { Row } from '../suite/rows.ts'

export interface Summary {
  readonly asItMustBe: boolean
  readonly issued: number
  readonly refused: number
  readonly stored: number
  readonly problems: number
  /** For people. */
  readonly lines: readonly string[]
}

/** With fewer than these, something was not run. */
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
    `${issued} honest nodes have their certificates; ${count(({ verdict }) => verdict === 'approve')} certificates were issued in all`,
    `${refused} hostile requests were refused at creation; ${stored} got the same verdict from the controller alone`,
    asItMustBe ? 'Every result is as expected.' : `${problems} results are not as expected.`,
  ]
  return { asItMustBe, issued, refused, stored, problems, lines }
}
