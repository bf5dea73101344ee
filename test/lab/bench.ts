/** `npm run bench -- latency|webhook|burst`: figures of this machine, each beside what it is to be compared with. */
import { benchBurst } from './bench/burst.ts'
import { benchGate } from './bench/webhook.ts'
import { benchLatency } from './bench/latency.ts'

const benches = new Map([
  ['latency', benchLatency],
  ['webhook', benchGate],
  ['burst', benchBurst],
])

const [name = ''] = process.argv.slice(2)
const bench = benches.get(name)
if (bench === undefined) {
  process.stderr.write(`usage: npm run bench -- ${[...benches.keys()].join('|')}\n`)
  process.exitCode = 2
} else {
  await bench((line) => void process.stdout.write(`${line}\n`))
}
