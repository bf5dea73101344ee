/** Runs one set of test files: `npm test`, `npm run test:kubernetes`, `npm run test:long`. */
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { readArguments, refuseArguments } from './kit/command-line.ts'
import { type Suite, suites, testFiles } from './suites.ts'

const HELP = `
node test/run.ts ${Object.keys(suites).join('|')} [--slowest COUNT] [--coverage] [FILE]...

Runs the test files of one set, or of those FILEs. With CI=true a test that is skipped fails the run.
  --slowest COUNT  lists the tests that took longest
  --coverage       tells the share of lines of policies/ and server/ that ran
`

/** No file takes a fifth of that; one that hangs must not hold the rest. */
const FILE_MS = 600_000

const root = join(import.meta.dirname, '..')
const { positionals, values } = readArguments(HELP, {
  allowPositionals: true,
  options: { slowest: { type: 'string', default: '0' }, coverage: { type: 'boolean', default: false } },
})
const [name = '', ...chosen] = positionals
const suite = suites[name] ?? refuseArguments(HELP, `${name} is not one of ${Object.keys(suites).join(', ')}`)
await runSuite(suite)

async function runSuite({ patterns, environment = {}, perCore }: Suite): Promise<void> {
  // Each file is a process; what Node compiled for the last one is there for the next.
  process.env['NODE_COMPILE_CACHE'] ??= join(root, 'node_modules', '.cache', 'node-compile')
  Object.assign(process.env, environment)
  // Those of test/ first: they take longest, and what is short fills the gaps.
  const files = chosen.length > 0 ? chosen : testFiles(root, patterns).toReversed()
  const coverage = values.coverage && {
    coverage: true,
    coverageIncludeGlobs: ['policies/**/*.ts', 'server/**/*.ts'],
    coverageExcludeGlobs: ['**/*.{test,fixture}.ts'],
  }
  const options = {
    concurrency: Math.ceil(perCore * availableParallelism()),
    cwd: root,
    timeout: FILE_MS,
    ...coverage,
  }
  const stream = run({ files: [...files], ...options })
  const took: (readonly [seconds: number, title: string])[] = []
  const skipped: string[] = []
  stream.on('test:fail', () => (process.exitCode = 1))
  stream.on('test:pass', ({ name: title, file = '', skip, todo, details }) => {
    if (skip !== undefined || todo !== undefined) skipped.push(title)
    took.push([details.duration_ms / 1_000, `${relative(root, file)}: ${title}`])
  })
  stream.compose(new spec()).pipe(process.stdout)
  stream.on('end', () => conclude(took, skipped))
}

function conclude(took: readonly (readonly [number, string])[], skipped: readonly string[]): void {
  const slowest = took.toSorted(([one], [other]) => other - one).slice(0, Number(values.slowest))
  for (const [seconds, title] of slowest) process.stdout.write(`${seconds.toFixed(1)} s  ${title}\n`)
  if (process.env['CI'] !== 'true' || skipped.length === 0) return
  process.stderr.write(`With CI=true every test must run. Skipped: ${skipped.join('; ')}\n`)
  process.exitCode = 1
}
