/** Figures of this machine, each beside what it is to be compared with. */
import { readArguments, refuseArguments } from '../kit/command-line.ts'
import { benchBurst } from './bench/burst.ts'
import { benchLatency } from './bench/latency.ts'
import { benchWebhook } from './bench/webhook.ts'

const HELP = `
npx node test/lab/bench.ts latency|webhook|burst

Measures the bundled program on a real control plane on this machine.
  latency  one CSR at a time: from its creation to Approved
  webhook  what a create costs without a webhook, with one that allows everything, and with ours
  burst    a thousand nodes at once: approvals per second, beside those of bare PUTs
`

const benches = new Map([
  ['latency', benchLatency],
  ['webhook', benchWebhook],
  ['burst', benchBurst],
])

const { positionals } = readArguments(HELP, { allowPositionals: true })
const bench = benches.get(positionals[0] ?? '') ?? refuseArguments(HELP, 'which benchmark?')
await bench((line) => void process.stdout.write(`${line}\n`))
