/** The first thing that the model finds and is not expected, or that is expected and not found: for `test/mutants`. Cheap looks first. */
import { expected } from './expected.ts'
import { explore, wrongsAfter } from './explore.ts'
import type { Wrong } from './invariants.ts'
import { mended } from './mended.ts'
import { worlds } from './worlds.ts'

/** @param most transitions in each world. Empty if there is none. */
export async function firstFinding(most: number): Promise<string> {
  return (await inSequences()) ?? (await inWorlds(most)) ?? ''
}

async function inSequences(): Promise<string | null> {
  for (const [world, sequences] of Object.entries(mended))
    for (const sequence of sequences) {
      const [fresh] = await wrongsIn(world, sequence)
      if (fresh !== undefined) return found(world, fresh)
    }
  for (const { world, invariant, value, sequence } of expected) {
    const wrongs = await wrongsIn(world, sequence)
    const shows = wrongs.some((wrong) => wrong.invariant === invariant && wrong.value === value)
    if (!shows) return `no more ${invariant} ${value} in ${world}`
  }
  return null
}

async function wrongsIn(world: string, sequence: string): Promise<readonly Wrong[]> {
  const spec = worlds[world]
  return spec === undefined ? [] : await wrongsAfter(spec, sequence.split('; '))
}

async function inWorlds(most: number): Promise<string | null> {
  for (const [world, spec] of Object.entries(worlds)) {
    const isNew = ({ invariant, value }: Wrong): boolean =>
      !expected.some((one) => one.world === world && one.invariant === invariant && one.value === value)
    const { findings } = await explore(spec, { transitions: most, stopAt: isNew })
    const fresh = findings.find(isNew)
    if (fresh !== undefined) return found(world, fresh)
  }
  return null
}

function found(world: string, { invariant, value }: Wrong): string {
  return `${invariant} ${value} in ${world}`
}
