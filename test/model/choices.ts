/** All sequences of a few kinds of moves, of any length: a large world becomes many small ones that are whole. */
import { type Explored, explore } from './explore.ts'
import type { Spec } from './spec.ts'

export interface Choices extends Explored {
  /** How many there are to choose so many moves. */
  readonly choices: number
  /** How many of them were tried to the end. */
  readonly whole: number
}

/** Few choices are large, so each may take this part of the time that is left. */
const PARTS = 10

/** Tries each choice of so many of a world's moves. The depth is that of the deepest that is whole. */
export async function exploreChoices(
  spec: Spec,
  { kinds, until }: { readonly kinds: number; readonly until: number },
): Promise<Choices> {
  const choices = [...chosenFrom(spec.moves, Math.min(kinds, spec.moves.length))]
  const all: Explored[] = []
  for (const [index, moves] of choices.entries())
    all.push(
      await explore(
        { ...spec, moves },
        { until: shareUntil(until, Math.min(choices.length - index, PARTS)) },
      ),
    )
  const whole = all.filter(({ isWhole }) => isWhole)
  const sum = (of: (one: Explored) => number) => all.reduce((total, one) => total + of(one), 0)
  return {
    states: sum(({ states }) => states),
    transitions: sum(({ transitions }) => transitions),
    depth: Math.max(0, ...whole.map(({ depth }) => depth)),
    isWhole: whole.length === all.length,
    findings: shortest(all.flatMap(({ findings }) => findings)),
    choices: all.length,
    whole: whole.length,
  }
}

/** When the next of so many has to end, if each is given the same time. As `performance.now()`. */
export function shareUntil(end: number, remaining: number): number {
  const now = performance.now()
  return now + (end - now) / remaining
}

function* chosenFrom<T>(all: readonly T[], count: number): Generator<T[]> {
  if (count === 0) return void (yield [])
  for (const [index, one] of all.entries())
    for (const rest of chosenFrom(all.slice(index + 1), count - 1)) yield [one, ...rest]
}

/** One for each value and invariant. */
function shortest(all: Explored['findings']): Explored['findings'] {
  const longestFirst = all.toSorted((one, other) => other.sequence.length - one.sequence.length)
  // The last of equal keys stays.
  return [...new Map(longestFirst.map((one) => [`${one.invariant} ${one.value}`, one])).values()]
}
