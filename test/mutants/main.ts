/** The kill tables: changes of the product's source, one at a time, and what tells each: a test beside it, the model, or a program. */
import { readArguments, refuseArguments } from '../kit/command-line.ts'
import { seededRandom } from '../kit/random.ts'
import { type Change, ofEdit } from './change.ts'
import { ofJudgement, ofOwnership } from './of-lines.ts'
import { promises } from './promises.ts'
import { removedRules } from './reader-rules.ts'
import { survivors } from './survivors.ts'
import { Tellers } from './tellers.ts'

const HELP = `
npx node test/mutants/main.ts judgement [--count N] [--seed N] [--only TEXT]
npx node test/mutants/main.ts ownership [--transitions N] [--only TEXT]
npx node test/mutants/main.ts reader|promises [--only TEXT]

Changes the source in one place at a time. Each change has to be told.
  judgement    comparisons, conditions, constants, limits, steps and results of policies/, server/judge.ts and the reader of requests;
               by the tests beside them. Exit code 1 below 95 % or where one that nobody tells is not explained in survivors.ts
  ownership    the tables and limits of ownership; by a short run of the model, tests, or a longer run
  reader       one rule of the reader of requests taken away; by tests, or by the comparison with Kubernetes' own code
  promises     what the service promises taken away, by hand; by the tests that are named there
  --count N        only so many, chosen by the seed
  --seed N         default: 1
  --only TEXT      only changes with TEXT in their file, line or words
  --transitions N  of the longer run of the model, for each world (default: 500)
`
const { values, positionals } = readArguments(HELP, {
  allowPositionals: true,
  options: {
    count: { type: 'string' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    transitions: { type: 'string', default: '500' },
  },
})
const SHORT = 30
const SHARE = 0.95
const COMPARE = ['test/lab/differential.ts', '--count', '6000', '--seed', '1', '--no-keep']

interface Table {
  readonly changes: () => readonly Change[]
  /** In this order, up to the first that tells. */
  readonly by: (tellers: Tellers, change: Change) => readonly (() => Promise<string | null>)[]
}

const tables: Readonly<Record<string, Table>> = {
  judgement: { changes: ofJudgement, by: (tellers, change) => [() => tellers.byTests(change)] },
  ownership: {
    changes: ofOwnership,
    by: (tellers, change) => [
      () => tellers.byModel(change, SHORT),
      () => tellers.byTests(change),
      () => tellers.byModel(change, Number(values.transitions)),
    ],
  },
  reader: {
    changes: () => removedRules.map(({ rule, ...edit }) => ofEdit(edit, rule)),
    by: (tellers, change) => [() => tellers.byTests(change), () => tellers.byProgram(change, COMPARE)],
  },
  promises: {
    changes: () => promises.map(({ promise, ...edit }) => ofEdit(edit, promise)),
    by: (tellers, change) =>
      testsOf(change).map(
        (file) => () =>
          tellers.byProgram(change, ['--test', '--test-isolation=none', '--test-reporter=tap', file]),
      ),
  },
}

function testsOf({ what }: Change): readonly string[] {
  return promises.find(({ promise }) => promise === what)?.tests ?? []
}

const [name = ''] = positionals
const table = tables[name] ?? refuseArguments(HELP, `${name} is not one of ${Object.keys(tables).join(', ')}`)
process.exitCode = await run(table)

async function run({ changes, by }: Table): Promise<number> {
  await using tellers = new Tellers()
  const counts = { told: 0, explained: 0, 'not told': 0 }
  for (const change of sample(changes())) {
    const told = await first(by(tellers, change))
    if (told === null) continue
    const explained = told === '' ? survivors[change.shown] : undefined
    const verdict = told !== '' ? 'told' : explained === undefined ? 'not told' : 'explained'
    counts[verdict] += 1
    const { file, line, what, shown } = change
    print(`${verdict} | ${file}:${line} | ${what} | ${shown} | ${explained ?? told}`)
  }
  const all = counts.told + counts.explained + counts['not told']
  print(`${all} changes: ${((100 * counts.told) / all).toFixed(1)} % told, ${JSON.stringify(counts)}`)
  return counts['not told'] === 0 && counts.told >= SHARE * all ? 0 : 1
}

/** Null where the change changes nothing. */
async function first(tellers: readonly (() => Promise<string | null>)[]): Promise<string | null> {
  for (const tells of tellers) {
    const told = await tells()
    if (told !== '') return told
  }
  return ''
}

function sample(all: readonly Change[]): readonly Change[] {
  const wanted = all.filter(({ file, line, what, shown }) =>
    `${file}:${line} | ${what} | ${shown}`.includes(values.only),
  )
  if (values.count === undefined) return wanted
  const random = seededRandom(Number(values.seed))
  return wanted
    .map((change) => [random.next(), change] as const)
    .toSorted(([one], [other]) => one - other)
    .slice(0, Number(values.count))
    .map(([, change]) => change)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
