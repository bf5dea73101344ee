/** The kill table: each change of the source of ownership, and by which finding the model tells it from the source as it is. */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readArguments } from '../kit/command-line.ts'
import { type Mutation, mutationsOf } from './mutations.ts'

const HELP = `
node test/model/mutants.ts [--only TEXT] [--transitions N] [--at-once N]

Changes the source of ownership in a copy, one place at a time, and runs the model on it.
  --only TEXT      only files with TEXT in their path
  --transitions N  for each world (default: 500)
  --at-once N      runs at a time (default: 1)
`
const { values } = readArguments(HELP, {
  options: {
    only: { type: 'string', default: '' },
    transitions: { type: 'string', default: '500' },
    'at-once': { type: 'string', default: '1' },
  },
})
/** A change may make the model run on for ever. */
const RUN_MS = 300_000
const root = join(import.meta.dirname, '..', '..')
const run = promisify(execFile)

const waiting = mutationsOf(root).filter(({ file }) => file.includes(values.only))
const all = waiting.length
const known = mkdtempSync(join(tmpdir(), 'model-known-'))
const asItIs = join(known, 'findings')
await inCopy(async (copy) => writeFileSync(asItIs, await runModel(copy)))
let survived = 0
await Promise.all(Array.from({ length: Number(values['at-once']) }, async () => await inCopy(work)))
rmSync(known, { recursive: true })
process.stdout.write(`${all - survived} of ${all} are told\n`)
process.exitCode = survived === 0 ? 0 : 1

async function work(copy: string): Promise<void> {
  for (let mutation = waiting.shift(); mutation !== undefined; mutation = waiting.shift()) {
    const told = await differenceOf(copy, mutation)
    if (told === '') survived += 1
    const { file, line, what, before } = mutation
    process.stdout.write(`${told || 'NOT TOLD'} | ${file}:${line} ${what} | ${before}\n`)
  }
}

/** The first finding that is there with the change and not without, or the other way round; empty if there is none. */
async function differenceOf(copy: string, { file, line, after }: Mutation): Promise<string> {
  const path = join(copy, file)
  const source = readFileSync(path, 'utf8')
  const changed = source.split('\n').with(line - 1, after)
  writeFileSync(path, changed.join('\n'))
  try {
    return (await runModel(copy, asItIs)).trim()
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : ''
    return /^.*Error: .*$/mu.exec(said)?.[0] ?? 'it runs on for ever'
  } finally {
    writeFileSync(path, source)
  }
}

async function runModel(copy: string, ...findings: readonly string[]): Promise<string> {
  const command = [join(copy, 'test/model/signature.ts'), values.transitions, ...findings]
  const { stdout } = await run(process.execPath, command, { timeout: RUN_MS, cwd: copy })
  return stdout
}

async function inCopy(use: (copy: string) => Promise<void>): Promise<void> {
  const copy = mkdtempSync(join(tmpdir(), 'model-mutant-'))
  try {
    for (const part of ['policies', 'server', 'test/model', 'test/kit/command-line.ts', 'package.json'])
      cpSync(join(root, part), join(copy, part), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
    await use(copy)
  } finally {
    rmSync(copy, { recursive: true })
  }
}
