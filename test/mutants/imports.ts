/** Which files import which, of the whole tree. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { root } from './change.ts'

const IMPORTED = /^(?:import|export) (?!type )[^']*from '(\.[^']+)'|^import '(\.[^']+)'/gmu

let importers: Map<string, string[]> | undefined

/** The file, and those that import it however indirectly, each with the number of steps. */
export function dependentsOf(file: string): ReadonlyMap<string, number> {
  importers ??= readImporters()
  const steps = new Map([[file, 0]])
  for (const [reached, far] of steps)
    for (const importer of importers.get(reached) ?? [])
      if (!steps.has(importer)) steps.set(importer, far + 1)
  return steps
}

function readImporters(): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const file of globSync('{charts,cli,packaging,policies,server,test}/**/*.ts', { cwd: root })) {
    for (const [, from, alone] of readFileSync(join(root, file), 'utf8').matchAll(IMPORTED)) {
      const imported = normalize(join(dirname(file), from ?? alone ?? ''))
      found.set(imported, [...(found.get(imported) ?? []), file])
    }
  }
  return found
}
