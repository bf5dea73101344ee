import { setTimeout as sleep } from 'node:timers/promises'
import type { Attack, HostileInput } from '../input.ts'

/** Bounds of an attack, besides its time. */
export interface Pace {
  /** Attempts at a time. */
  readonly lanes: number
  readonly perSecond: number
  /** In all. */
  readonly count?: number
}

const COUNT = 100_000

/** An input that is one attempt again and again: `begin` makes it, once, in the attacker's process. */
export function flooding(
  { pace, ...input }: Omit<HostileInput, 'run'> & { readonly pace: Pace },
  begin: (attack: Attack) => (index: number) => Promise<string>,
): HostileInput {
  return { ...input, run: async (attack) => await flood(attack, pace, begin(attack)) }
}

/** Repeats an attempt until the time is over or all were made, and counts what came of each. */
export async function flood(
  { signal, note }: Attack,
  { lanes, perSecond, count = COUNT }: Pace,
  attempt: (index: number) => Promise<string>,
): Promise<void> {
  let next = 0
  let open = 0
  signal.addEventListener('abort', () => Array.from({ length: open }, () => note('without an end')))
  const started = performance.now()
  const lane = async () => {
    while (!signal.aborted && next < count) {
      const index = next++
      await sleep(Math.max(0, started + (index * 1_000) / perSecond - performance.now()))
      if (signal.aborted) return
      open += 1
      const outcome = await attempt(index).catch(codeOf)
      open -= 1
      note(outcome)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause instanceof Error) return codeOf(error.cause)
  return 'code' in error ? String(error.code) : error.message.slice(0, 60)
}
