/** The long form of the model: `node test/model/main.ts --minutes 10`. */
import { readArguments, refuseArguments } from '../kit/command-line.ts'
import { exploreChoices, shareUntil } from './choices.ts'
import { expected } from './expected.ts'
import { type Explored, explore } from './explore.ts'
import { invariants } from './invariants.ts'
import { worlds } from './worlds.ts'

const HELP = `
node test/model/main.ts [--depth N | --kinds K] [--minutes M] [--world NAME]

Tries all sequences of what may happen in small worlds, and prints the shortest that break an invariant.
  --depth N     no more than N moves (default: as many as there is time for)
  --kinds K     sequences of any length, of no more than K different moves each
  --minutes M   for all worlds together (default: 10)
  --world NAME  only those with NAME in their title
`
const { values } = readArguments(HELP, {
  options: {
    depth: { type: 'string', default: '100' },
    kinds: { type: 'string', default: '' },
    minutes: { type: 'string', default: '10' },
    world: { type: 'string', default: '' },
  },
})
const chosen = Object.entries(worlds).filter(([title]) => title.includes(values.world))
if (chosen.length === 0) refuseArguments(HELP, `no world is called ${values.world}`)
const begun = performance.now()
const end = begun + Number(values.minutes) * 60_000
const all: Explored[] = []
for (const [index, [title, spec]] of chosen.entries()) {
  const from = performance.now()
  // What a world that is whole leaves of its share goes to the others.
  const until = shareUntil(end, chosen.length - index)
  if (values.kinds === '') {
    const explored = await explore(spec, { depth: Number(values.depth), until })
    all.push(explored)
    print(title, explored, from, explored.isWhole ? ', all' : '')
  } else {
    const explored = await exploreChoices(spec, { kinds: Number(values.kinds), until })
    all.push(explored)
    print(title, explored, from, `, ${explored.whole} of ${explored.choices} choices of moves whole`)
  }
}
conclude(all)

function print(title: string, explored: Explored, from: number, whole: string): void {
  const { states, transitions, depth, findings } = explored
  const how = `${states} states, ${transitions} transitions, depth ${depth}${whole}`
  process.stdout.write(`${title}: ${how}, ${((performance.now() - from) / 1_000).toFixed(1)} s\n`)
  for (const { invariant, value, sequence } of findings) {
    const isExpected = expected.some(
      (one) => one.world === title && one.invariant === invariant && one.value === value,
    )
    const mark = isExpected ? 'expected' : 'NEW'
    process.stdout.write(`  ${mark}: ${invariants[invariant]} (${invariant} ${value})\n`)
    process.stdout.write(`    ${sequence.join('; ')}\n`)
    if (!isExpected) process.exitCode = 1
  }
}

function conclude(explored: readonly Explored[]): void {
  const sum = (of: (one: Explored) => number) => explored.reduce((total, one) => total + of(one), 0)
  const seconds = (performance.now() - begun) / 1_000
  const counts = `${sum(({ states }) => states)} states, ${sum(({ transitions }) => transitions)} transitions`
  process.stdout.write(`${explored.length} worlds: ${counts}, ${seconds.toFixed(0)} s\n`)
}
