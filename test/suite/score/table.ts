/** What a table says of results. */
import type { Case, Outcome, Result } from '../schema.ts'
import { cases, honestCases, isHonest } from '../suite.ts'

const isArguable = ({ otherwise }: Case): boolean => otherwise !== undefined
const hostile = cases.filter((one) => !isHonest(one))
/** Every approver must have these signed. */
const rightCases = cases.filter((one) => isHonest(one) && !isArguable(one))
/** No approver may let these be signed. */
const wrongCases = hostile.filter((one) => !isArguable(one))
/** Another approver may rightly decide otherwise. */
export const arguableCases = cases.filter(isArguable)

function count({ outcomes }: Result, among: readonly Case[], outcome: Outcome['outcome']): number {
  const ids = new Set(among.map(({ id }) => id))
  return outcomes.filter((one) => one.outcome === outcome && ids.has(one.id)).length
}

/** Who must be served is, who was served renews, and nothing is signed that no approver may let be signed. */
export function passes(result: Result): boolean {
  const served = count(result, cases.filter(isHonest), 'issued')
  return faultsOf(result).length === 0 && result.renewed === served
}

export const HEAD = [
  'approver',
  'version',
  'told',
  `honest: issued (of ${rightCases.length})`,
  `renewed (of ${honestCases.length})`,
  `wrongly issued (of ${wrongCases.length})`,
  `may differ: issued (of ${arguableCases.length})`,
  'unsigned',
  'denied',
  'refused',
  'left',
] as const

/** Cells below {@link HEAD}. */
export function cellsOf(result: Result): readonly string[] {
  const { name, version, told } = result.approver
  const counts = [
    count(result, rightCases, 'issued'),
    result.renewed,
    count(result, wrongCases, 'issued'),
    count(result, arguableCases, 'issued'),
    ...(['unsigned', 'denied', 'refused', 'left'] as const).map((outcome) => count(result, hostile, outcome)),
  ]
  return [name, version, told, ...counts.map(String)]
}

/** What must not have come of a case, or is missing. */
export function faultsOf(result: Result): readonly string[] {
  const told = new Map(result.outcomes.map((one) => [one.id, one]))
  const unserved = rightCases
    .filter(({ id }) => told.get(id)?.outcome !== 'issued')
    .map(({ id, title }) => `${id}: ${title}: ${told.get(id)?.outcome}`)
  const wrong = wrongCases
    .filter(({ id }) => told.get(id)?.outcome === 'issued')
    .map(({ id, title }) => `${id}: ${title}: issued${sayingOf(told.get(id))}`)
  return [...unserved, ...wrong]
}

/** What is shown of one certificate; the result has all of it. */
const SHOWN = 3

/** A certificate may say what a terminal would obey. */
function sayingOf({ says = [] }: Partial<Outcome> = {}): string {
  const shown = says.slice(0, SHOWN).map((text) => JSON.stringify(text).slice(1, -1))
  const more = says.length > SHOWN ? [`${says.length - SHOWN} more`] : []
  return says.length === 0 ? '' : `, with ${[...shown, ...more].join(' · ')}`
}
