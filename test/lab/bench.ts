/** Figures of this machine, each beside what it is to be compared with. */
import { readArguments, refuseArguments } from '../kit/command-line.ts'
import { benchBurst } from './bench/burst.ts'
import type { Contender } from './compare/contender.ts'
import { besides, unlimited } from './compare/contenders.ts'
import { goContender } from './compare/go-contender.ts'
import { benchLatency } from './bench/latency.ts'
import { benchWebhook } from './bench/webhook.ts'

const HELP = `
npx node test/lab/bench.ts latency|webhook|burst [--beside NAME]... [--stored COUNT]

Measures the bundled program on a real control plane on this machine.
  latency  one CSR at a time: from its creation to Approved
  webhook  what a create costs without a webhook, with one that allows everything, and with ours
  burst    a thousand nodes at once: approvals per second, CPU and memory, beside bare PUTs. Needs root, for a memory cgroup
    --beside  also measures this approver, in turns; it is looked for in KUBELET_CSR_GATE_BINARIES and on PATH
    --stored  so many Nodes of 14 KB, each with an approved CSR, are stored before
`

const print = (line: string): void => void process.stdout.write(`${line}\n`)
const { positionals, values } = readArguments(HELP, {
  allowPositionals: true,
  options: {
    beside: { type: 'string', multiple: true, default: [] },
    stored: { type: 'string', default: '0' },
  },
})
const benches = new Map([
  ['latency', async () => await benchLatency(print)],
  ['webhook', async () => await benchWebhook(print)],
  [
    'burst',
    async () =>
      await benchBurst({
        contenders: await contendersOf(values.beside),
        stored: countOf(values.stored),
        print,
      }),
  ],
])
const bench = benches.get(positionals[0] ?? '') ?? refuseArguments(HELP, 'which benchmark?')
await bench()

async function contendersOf(names: readonly string[]): Promise<readonly Contender[]> {
  const others = await Promise.all(besides.map(goContender))
  return [unlimited, ...names.map((name) => others.find((other) => other.name === name) ?? unknown(name))]
}

function unknown(name: string): never {
  return refuseArguments(
    HELP,
    `--beside: ${name} is not one of ${besides.map((other) => other.program).join(', ')}`,
  )
}

function countOf(text: string): number {
  return /^\d{1,5}$/.test(text) ? Number(text) : refuseArguments(HELP, `--stored: ${text} is not a count`)
}
