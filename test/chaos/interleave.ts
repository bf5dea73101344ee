/** Schedules by the hundred thousand: the controller, its informers and its Lease, under a scheduler and a virtual clock. */
import fc from 'fast-check'
import { fates, kinds, type Move, told, waits } from './interleave/moves.ts'
import { play } from './interleave/play.ts'

const move: fc.Arbitrary<Move> = fc.record({
  what: fc.constantFrom(...kinds),
  replica: fc.nat(1),
  node: fc.nat(5),
  fate: fc.constantFrom(...fates),
  isWrite: fc.boolean(),
  ms: fc.constantFrom(...waits),
})
const MOVES_MAX = 20

export interface Interleaved {
  /** The shortest of the first schedule in which something was wrong; null if there was none. */
  readonly failure: Failure | null
  readonly runs: number
  readonly steps: number
}

interface Failure {
  readonly wrong: string
  readonly moves: readonly string[]
  /** All that happened, in its order. */
  readonly order: readonly string[]
}

/**
 * Tries so many schedules by a seed.
 * @param tried called after each, with how many there were
 */
export async function interleave(
  seed: number,
  runs: number,
  tried: (count: number) => void = () => undefined,
): Promise<Interleaved> {
  let steps = 0
  let count = 0
  const moves = fc.array(move, { minLength: 1, maxLength: MOVES_MAX, size: 'max' })
  const property = fc.asyncProperty(fc.scheduler(), moves, fc.nat(), async (schedule, chosen, clock) => {
    const played = await play(schedule, chosen, clock)
    steps += played.steps
    tried((count += 1))
    if (played.wrong.length > 0) throw new Error(played.wrong.join('; '))
  })
  const { failed, counterexample, numRuns, errorInstance } = await fc.check(property, { seed, numRuns: runs })
  if (!failed || counterexample === null) return { failure: null, runs: numRuns, steps }
  const [schedule, chosen] = counterexample
  const order = schedule
    .report()
    .filter(({ status }) => status === 'resolved')
    .map(({ label }) => label)
  const wrong = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
  return { failure: { wrong, moves: chosen.map(told), order }, runs: numRuns, steps }
}
