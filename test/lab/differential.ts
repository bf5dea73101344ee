import { readArguments, refuseArguments } from '../kit/command-line.ts'
import { buildGoProgram } from '../kit/go-program.ts'
import { ORACLE, Oracle } from '../oracle/oracle.ts'
import { keep } from '../oracle/differential/keep.ts'
import { differential, disagreements, rarelyMet, summary, type Tally } from '../oracle/differential/run.ts'

/** Times that a long run must meet each rule of the reader. */
const MET = 100
/** Cases from which that can be asked for. */
const LONG_RUN = 500_000
const PRINTED_EVERY = 20_000

const HELP = `
npx node test/lab/differential.ts [--count N] [--seed S] [--no-keep]

Has mutated requests read by us and by Kubernetes' own code, and compares. Each disagreement is kept in the suite.
  --count    how many, default 20000: half a minute
  --seed     repeats a run, but for keys and signatures
  --no-keep  only prints disagreements
Exit code 1 when there is a disagreement.
`

const print = (line: string): void => void process.stderr.write(`${line}\n`)

async function main(): Promise<number> {
  const { values } = readArguments(HELP, {
    allowNegative: true,
    options: {
      count: { type: 'string', default: '20000' },
      seed: { type: 'string' },
      keep: { type: 'boolean', default: true },
    },
  })
  const count = Number(values.count)
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
  if (!Number.isSafeInteger(count) || !Number.isSafeInteger(seed))
    refuseArguments(HELP, '--count and --seed are numbers')
  const built = await buildGoProgram(ORACLE, print)
  if (!built.ok) {
    print(built.because)
    return 2
  }
  print(`seed ${seed}, ${count} cases`)
  await using oracle = new Oracle(built.path)
  const started = performance.now()
  const tally = await differential(oracle, { seed, count, progress: (now) => printProgress(now, started) })
  process.stdout.write(`seed ${seed}\n${summary(tally)}\n`)
  await printFound(tally, values.keep ? oracle : null)
  const rare = count >= LONG_RUN ? rarelyMet(tally, MET) : []
  if (rare.length > 0) process.stdout.write(`met fewer than ${MET} times: ${rare.join(', ')}\n`)
  return disagreements(tally) > 0 || rare.length > 0 ? 1 : 0
}

function printProgress(tally: Tally, started: number): void {
  if (tally.cases % PRINTED_EVERY >= 64) return
  const seconds = (performance.now() - started) / 1000
  print(`${tally.cases} cases in ${seconds.toFixed(0)} s, ${disagreements(tally)} disagreements`)
}

async function printFound({ found }: Tally, keeping: Oracle | null): Promise<void> {
  for (const one of found) {
    process.stdout.write(`disagreement, seed ${one.case.seed} (${one.case.origin}): ${one.what}\n`)
    if (keeping !== null) process.stdout.write(`  kept in the suite as ${await keep(one, keeping)}\n`)
  }
}

process.exitCode = await main()
