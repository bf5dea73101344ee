/**
 * What the model finds, world by world: for a run of `mutants.ts` on changed source. With a file of what is found without the
 * change, it prints the first difference and ends.
 */
import { readFileSync } from 'node:fs'
import { expected } from './expected.ts'
import { explore, wrongsAfter } from './explore.ts'
import type { Spec } from './spec.ts'
import { worlds } from './worlds.ts'

const [, , transitions, path] = process.argv
const before = path === undefined ? null : new Set(readFileSync(path, 'utf8').split('\n'))
for (const [title, spec] of Object.entries(worlds)) {
  const found = await findingsIn(title, spec)
  if (before === null) for (const line of found) process.stdout.write(`${line}\n`)
  else if (compare(before, found, title)) break
}

async function findingsIn(title: string, spec: Spec): Promise<ReadonlySet<string>> {
  const { findings } = await explore(spec, { transitions: Number(transitions) })
  const found = new Set(findings.map(({ invariant, value }) => `${title}: ${invariant} ${value}`))
  for (const { world, invariant, value, sequence } of expected)
    if (
      world === title &&
      (await wrongsAfter(spec, sequence.split('; '))).some((one) => one.invariant === invariant)
    )
      found.add(`${title}: ${invariant} ${value}`)
  return found
}

/** Prints the first difference of a world, if there is one. */
function compare(known: ReadonlySet<string>, found: ReadonlySet<string>, title: string): boolean {
  const more = [...found].find((one) => !known.has(one))
  const less = [...known].find((one) => one.startsWith(`${title}: `) && !found.has(one))
  if (more !== undefined) process.stdout.write(`+ ${more}\n`)
  else if (less !== undefined) process.stdout.write(`- ${less}\n`)
  return more !== undefined || less !== undefined
}
