/** What a table says of results. */
import type { Case, Outcome, Result } from '../schema.ts'
import { cases, isHonest } from '../suite.ts'

const honest = cases.filter(isHonest)
const hostile = cases.filter((one) => !isHonest(one))
/** No approver may let these be signed. */
const wrongCases = hostile.filter(({ otherwise }) => otherwise === undefined)
/** Another approver may rightly approve these. */
export const arguableCases = hostile.filter(({ otherwise }) => otherwise !== undefined)

function count({ outcomes }: Result, among: readonly Case[], outcome: Outcome['outcome']): number {
  const ids = new Set(among.map(({ id }) => id))
  return outcomes.filter((one) => one.outcome === outcome && ids.has(one.id)).length
}

/** Every honest node has its certificate, twice, and nothing is signed that no approver may let be signed. */
export function passes(result: Result): boolean {
  const served = count(result, honest, 'issued')
  return served === honest.length && result.renewed === served && count(result, wrongCases, 'issued') === 0
}

export const HEAD = [
  'approver',
  'version',
  'told',
  `honest: issued (of ${honest.length})`,
  'renewed',
  `wrongly issued (of ${wrongCases.length})`,
  `issued, may differ (of ${arguableCases.length})`,
  'unsigned',
  'denied',
  'refused',
  'left',
] as const

/** Cells below {@link HEAD}. */
export function cellsOf(result: Result): readonly string[] {
  const { name, version, told } = result.approver
  const counts = [
    count(result, honest, 'issued'),
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
  const unserved = honest
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
