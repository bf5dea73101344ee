/** The kill table: each change of the source of ownership, and what tells it: an invariant of the model, or a test. */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readArguments } from '../kit/command-line.ts'
import { testFiles } from '../suites.ts'
import { type Mutation, mutationsOf } from './mutations.ts'

const HELP = `
node test/model/mutants.ts [--only TEXT] [--transitions N] [--at-once N]

Changes the source of ownership in a copy, one place at a time. Each change has to be told by the model or by a test: first by
a short run of the model, then by the tests beside the source, then by a longer run.
  --only TEXT      only changes with TEXT in their file, line or words
  --transitions N  of the longer run, for each world (default: 500)
  --at-once N      runs at a time (default: 1)
`
const { values } = readArguments(HELP, {
  options: {
    only: { type: 'string', default: '' },
    transitions: { type: 'string', default: '500' },
    'at-once': { type: 'string', default: '1' },
  },
})
const SHORT = '60'
/** A change may make a run go on for ever. */
const RUN_MS = 240_000
const TESTS = [
  'policies/{belonging,ownership}.test.ts',
  'policies/checks/{addresses,names}-*.test.ts',
  'server/{judge,looks,vouching}.test.ts',
  'server/facts/{arrivals,claims,stored-requests}.test.ts',
  'server/ledger/*.test.ts',
  'server/probe/{prober,reach,results}.test.ts',
]
const root = join(import.meta.dirname, '..', '..')
const run = promisify(execFile)
const tests = testFiles(root, TESTS)

const waiting = mutationsOf(root).filter((mutation) => described(mutation).includes(values.only))
const all = waiting.length
let survived = 0
await Promise.all(Array.from({ length: Number(values['at-once']) }, async () => await inCopy(work)))
process.stdout.write(`${all - survived} of ${all} are told\n`)
process.exitCode = survived === 0 ? 0 : 1

function described({ file, line, what, before, after }: Mutation): string {
  return `${file}:${line} | ${what} | ${after.trim() || before}`
}

async function work(copy: string): Promise<void> {
  for (let mutation = waiting.shift(); mutation !== undefined; mutation = waiting.shift()) {
    const told = await toldBy(copy, mutation)
    if (told === '') survived += 1
    process.stdout.write(`${told || 'NOT TOLD'} | ${described(mutation)}\n`)
  }
}

/** What tells the change; empty if nothing does. */
async function toldBy(copy: string, { file, line, after }: Mutation): Promise<string> {
  const path = join(copy, file)
  const source = readFileSync(path, 'utf8')
  writeFileSync(
    path,
    source
      .split('\n')
      .with(line - 1, after)
      .join('\n'),
  )
  try {
    return (await byModel(copy, SHORT)) || (await byTests(copy)) || (await byModel(copy, values.transitions))
  } finally {
    writeFileSync(path, source)
  }
}

async function byModel(copy: string, transitions: string): Promise<string> {
  const { stdout, stderr } = await output(copy, ['test/model/signature.ts', transitions])
  return stdout.trim() || (/^.*Error: .*$/mu.exec(stderr)?.[0] ?? '')
}

async function byTests(copy: string): Promise<string> {
  const flags = ['--test', '--test-isolation=none', '--test-reporter=tap']
  const { stdout } = await output(copy, [...flags, ...tests])
  const failing = /(?<=^not ok \d+ - ).*$/mu.exec(stdout)?.[0]
  return failing === undefined ? '' : `test: ${failing}`
}

/** Of a program that may fail, or not end. */
async function output(
  cwd: string,
  argv: readonly string[],
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(cwd, 'compiled') }
  try {
    return await run(process.execPath, argv, { timeout: RUN_MS, cwd, env, maxBuffer: 64 * 1_048_576 })
  } catch (error) {
    if (!(error instanceof Error && 'stdout' in error && 'stderr' in error)) throw error
    const isOver = 'killed' in error && error.killed === true
    return {
      stdout: String(error.stdout),
      stderr: isOver ? 'Error: it runs on for ever' : String(error.stderr),
    }
  }
}

async function inCopy(use: (copy: string) => Promise<void>): Promise<void> {
  const copy = mkdtempSync(join(tmpdir(), 'model-mutant-'))
  try {
    for (const part of ['policies', 'server', 'test', 'package.json'])
      cpSync(join(root, part), join(copy, part), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
    await use(copy)
  } finally {
    rmSync(copy, { recursive: true })
  }
}
