import { faultRules } from '../../../server/der/faults.ts'
import type { Oracle } from '../oracle.ts'
import { type Case, caseOf } from './cases.ts'
import { judgeCase, type Outcome } from './judge.ts'

export interface Found {
  readonly case: Case
  readonly what: string
}

export interface Tally {
  cases: number
  readonly outcomes: Map<Outcome['outcome'], number>
  /** How often each code refused, of the reader and of the checks. */
  readonly codes: Map<string, number>
  /** The first few disagreements; all are counted. */
  readonly found: Found[]
}

/** Requests under way to the oracle: enough to keep both busy, few enough to hold in memory. */
const AHEAD = 64
const FOUND_MAX = 20

/** Judges `count` cases of consecutive seeds. `progress` is told now and then. */
export async function differential(
  oracle: Oracle,
  { seed, count, progress }: { seed: number; count: number; progress?: (tally: Tally) => void },
): Promise<Tally> {
  const tally: Tally = { cases: 0, outcomes: new Map(), codes: new Map(), found: [] }
  for (let start = 0; start < count; start += AHEAD) {
    const cases = Array.from({ length: Math.min(AHEAD, count - start) }, (_, index) =>
      caseOf(seed + start + index),
    )
    const outcomes = await Promise.all(cases.map((made) => judgeCase(made, oracle)))
    for (const [index, outcome] of outcomes.entries()) add(tally, cases[index], outcome)
    progress?.(tally)
  }
  return tally
}

function add(tally: Tally, made: Case | undefined, outcome: Outcome): void {
  tally.cases += 1
  increment(tally.outcomes, outcome.outcome)
  if ('code' in outcome) increment(tally.codes, outcome.code)
  if (outcome.outcome === 'disagreement' && made && tally.found.length < FOUND_MAX) {
    tally.found.push({ case: made, what: outcome.what })
  }
}

function increment<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

export const disagreements = ({ outcomes }: Tally): number => outcomes.get('disagreement') ?? 0

/** Rules of the reader that refused fewer than `times` cases: a rule never met is a rule not tested. */
export const rarelyMet = ({ codes }: Tally, times: number): string[] =>
  Object.keys(faultRules).filter((code) => (codes.get(code) ?? 0) < times)

/** A few lines for a person. */
export function summary(tally: Tally): string {
  const outcomes = Array.from(tally.outcomes).toSorted(byCount)
  const codes = Array.from(tally.codes).toSorted(byCount)
  return [
    `${tally.cases} cases: ${outcomes.map(([name, n]) => `${name} ${n}`).join(', ')}`,
    `refusals by code: ${codes.map(([name, n]) => `${name} ${n}`).join(', ')}`,
  ].join('\n')
}

const byCount = ([, left]: [unknown, number], [, right]: [unknown, number]): number => right - left
