/** The kill table: each change of the source of ownership, and what tells it: an invariant of the model, or a test. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { cp, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { attempt } from '../kit/child.ts'
import { readArguments } from '../kit/command-line.ts'
import { temporaryDirectory } from '../kit/directory.ts'
import { testFiles } from '../suites.ts'
import type { Run } from './changed-source.ts'
import { type Mutation, mutationsOf, whyEquivalent, withLine } from './mutations.ts'

const HELP = `
node test/model/mutants.ts [--only TEXT] [--transitions N]

Changes the source of ownership, one place at a time. Each change has to be told by the model or by a test: first by a short run
of the model, then by the tests beside the source, then by a longer run.
  --only TEXT      only changes with TEXT in their file, line or words
  --transitions N  of the longer run, for each world (default: 500)
`
const { values } = readArguments(HELP, {
  options: { only: { type: 'string', default: '' }, transitions: { type: 'string', default: '500' } },
})
const SHORT = 30
/** A change may make a run go on for ever. */
const RUN_MS = 240_000
/** A worker keeps all that it loaded. */
const RUNS_OF_WORKER = 40
/** By the folder of what is changed. */
const TESTS = {
  policies: [
    'policies/{belonging,dialling,ownership}.test.ts',
    'policies/checks/{addresses,names}-*.test.ts',
    'server/judge-looks.test.ts',
  ],
  server: [
    'server/{judge,looks,vouching}.test.ts',
    'server/facts/{arrivals,claims,holdings,stored-requests}.test.ts',
    'server/ledger/*.test.ts',
    'server/probe/{prober,reach,results}.test.ts',
  ],
}
const root = join(import.meta.dirname, '..', '..')
const chosen = mutationsOf(root).filter((mutation) => described(mutation).includes(values.only))
let worker: Worker | undefined
let runs = 0

await using folder = await temporaryDirectory('mutants')
const copy = folder.path
for (const part of ['policies', 'server', 'test', 'package.json'])
  await cp(join(root, part), join(copy, part), { recursive: true })
await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
const counts = new Map<string, number>()
for (const mutation of chosen) {
  const told = await toldBy(mutation)
  const by = told.slice(0, told.search(/[ :]/u))
  counts.set(by, (counts.get(by) ?? 0) + 1)
  process.stdout.write(`${told} | ${described(mutation)}\n`)
}
await worker?.terminate()
const sorted = [...counts].toSorted(([, one], [, other]) => other - one)
process.stdout.write(`${chosen.length}: ${sorted.map(([by, count]) => `${by} ${count}`).join(', ')}\n`)
process.exitCode = counts.has('NOT') ? 1 : 0

function described({ file, line, what, before, after }: Mutation): string {
  return `${file}:${line} | ${what} | ${after.trim() || before}`
}

async function toldBy(mutation: Mutation): Promise<string> {
  const why = whyEquivalent(mutation)
  if (why !== undefined) return `equivalent: ${why}`
  return (
    (await byModel(mutation, SHORT)) ||
    (await byTests(mutation)) ||
    (await byModel(mutation, Number(values.transitions))) ||
    'NOT TOLD'
  )
}

async function byModel(mutation: Mutation, transitions: number): Promise<string> {
  runs += 1
  if (runs % RUNS_OF_WORKER === 0) await end()
  worker ??= new Worker(join(import.meta.dirname, 'changed-source.ts'))
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
  worker.postMessage({ ...mutation, number: runs, transitions } satisfies Run)
  try {
    const [found]: unknown[] = await once(worker, 'message', { signal: AbortSignal.timeout(RUN_MS) })
    return String(found)
  } catch (error) {
    await end()
    return error instanceof Error && error.name === 'AbortError' ? 'runs on for ever' : String(error)
  }
}

async function end(): Promise<void> {
  await worker?.terminate()
  worker = undefined
}

async function byTests({ file, line, after }: Mutation): Promise<string> {
  const source = readFileSync(join(root, file), 'utf8')
  await writeFile(join(copy, file), withLine(source, { line, after }))
  const tests = testFiles(root, file.startsWith('policies/') ? TESTS.policies : TESTS.server)
  const argv = [process.execPath, '--test', '--test-isolation=none', '--test-reporter=tap', ...tests]
  const { stdout } = await attempt(argv, { cwd: copy, timeoutMs: RUN_MS })
  await writeFile(join(copy, file), source)
  const failing = /(?<=^not ok \d+ - ).*$/mu.exec(stdout)?.[0]
  return failing === undefined ? '' : `test: ${failing}`
}
