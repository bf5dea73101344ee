/** Figures of this machine, each beside what it is to be compared with. */
import { resolveBinaries } from '../binaries/resolve.ts'
import { readArguments, refuseArguments } from '../kit/command-line.ts'
import { runAgainAlone } from '../kit/alone.ts'
import { postfinance } from './bench/approvers.ts'
import { benchBurst } from './bench/burst.ts'
import { type Contest, summaryOf, tableOf } from './bench/contest.ts'
import { ADDRESSES as FLEET_ADDRESSES } from './bench/fleet.ts'
import { oursByDefault } from '../suite/score/approvers.ts'
import { benchHandover } from './bench/handover.ts'
import { benchIdle } from './bench/idle.ts'
import { benchJoin } from './bench/join.ts'
import { ADDRESSES as KUBELET_ADDRESSES, buildFleet } from './bench/kubelet-fleet.ts'
import { benchLatency } from './bench/latency.ts'
import { benchLedger } from './bench/ledger.ts'
import { benchLedgerSize } from './bench/ledger-size.ts'
import { benchScale } from './bench/scale.ts'
import { benchWebhook } from './bench/webhook.ts'

const HELP = `
npx node test/lab/bench.ts latency|webhook|burst|scale|join|handover|ledger|ledger-size|idle

Measures the bundled program on a real control plane on this machine.
Four benchmarks are contests: both our Deployments, postfinance's kubelet-csr-approver and 32 bare PATCHes at a time take turns on
one control plane, each on the chart's memory limit, and a kubelet answers at every Node's address. They need root, for a memory
cgroup, and Go. postfinance's approver is looked for in KUBELET_CSR_GATE_BINARIES and on PATH, or built from its Go module.
    --rounds COUNT  default 5
    --output text|json  default text: medians, and ratios of ours to each of the others. Progress goes to stderr
  latency  one new node at a time: from its CSR's creation to Approved
    --nodes COUNT   of each round; default 100
  burst    many new nodes at once, and as many again: approvals per second, CPU and memory
    --nodes COUNT   default 1000
    --stored COUNT  default 0; so many Nodes of 14 KB, each with an approved CSR, are stored before
  scale    the same with nothing stored and in a large cluster; then ours alone: start, three re-lists, new nodes on top
    --nodes COUNT   default 1000
    --stored COUNT  default 15000; so many Nodes of 14 KB that report their status, each with an approved CSR
    --pending COUNT default 5000; so many CSRs that cannot be approved yet, during the re-lists
  join     kubelets join at once, each with client-go's certificate manager
    --nodes COUNT   default 1000
    --late SECONDS  a Node has its addresses so much later than its kubelet
    --liars COUNT   so many of the Nodes report, and ask for, the address of another; they show self-made certificates
    --flapping COUNT  so many of the Nodes change their address back and forth while they join

The others measure ours:
  webhook  what a create costs without a webhook, with one that allows everything, and with ours
  handover addresses go from node to node, each within 10 s of its old node's end, as with an autoscaler. Needs Go. Exit code 1
           unless all are approved
    --addresses COUNT  default 1000
    --within SECONDS   default 10
    --pause SECONDS    between the last approval of an old node and the first end; default 15
    --blind            no kubelet answers, as behind a firewall
    --patience SECONDS the new nodes have; default 120
  ledger   the first installation on a cluster that runs; then its ledger is damaged in every way. Needs Go. Exit code 1 if
           anything is approved that is another's, or a renewal is not
    --nodes COUNT      default 500
  ledger-size  what a ledger takes, and how often it is written, while kubelets join and while nobody asks. Needs Go
    --nodes COUNT      default 5000
  idle     what two replicas ask of the API server, and use, while nobody asks for a certificate. Needs root
    --nodes COUNT   default 1000
    --minutes COUNT default 20
`

const CONTESTS = ['latency', 'burst', 'scale', 'join']
/** A kubelet answers there, or refuses where it is stopped. Every other address is out of reach. */
const LOCAL = [KUBELET_ADDRESSES, ...FLEET_ADDRESSES]

const print = (line: string): void => void process.stdout.write(`${line}\n`)
const progress = (line: string): void => void process.stderr.write(`${line}\n`)
const { positionals, values } = readArguments(HELP, {
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    output: { type: 'string', default: 'text' },
    stored: { type: 'string' },
    pending: { type: 'string' },
    nodes: { type: 'string' },
    late: { type: 'string', default: '0' },
    liars: { type: 'string' },
    minutes: { type: 'string', default: '20' },
    addresses: { type: 'string', default: '1000' },
    within: { type: 'string', default: '10' },
    pause: { type: 'string', default: '15' },
    patience: { type: 'string', default: '120' },
    blind: { type: 'boolean', default: false },
    flapping: { type: 'string', default: '0' },
    // Set by this program only, for itself within the namespaces.
    alone: { type: 'boolean', default: false },
  },
})
type Option = Exclude<keyof typeof values, 'output' | 'blind' | 'alone'>
const count = (option: Option, otherwise = ''): number => {
  const text = values[option] ?? otherwise
  return /^\d{1,5}$/.test(text) ? Number(text) : refuseArguments(HELP, `--${option}: ${text} is not a count`)
}
const benches = new Map([
  ['latency', async () => await alone(latency)],
  ['webhook', async () => await benchWebhook(print)],
  ['idle', async () => await benchIdle({ nodes: count('nodes', '1000'), minutes: count('minutes'), print })],
  ['burst', async () => await alone(burst)],
  ['scale', async () => await alone(scale)],
  ['join', async () => await alone(join)],
  ['handover', async () => await alone(handover)],
  ['ledger', async () => await alone(ledger)],
  [
    'ledger-size',
    async () => await alone(async () => await benchLedgerSize({ nodes: count('nodes', '5000'), print })),
  ],
])
if (values.output !== 'text' && values.output !== 'json')
  refuseArguments(HELP, `--output is text or json, not ${values.output}`)
const bench = benches.get(positionals[0] ?? '') ?? refuseArguments(HELP, 'which benchmark?')
await bench()

async function latency(): Promise<void> {
  show(await benchLatency({ ...contest(), nodes: count('nodes', '100') }))
}

async function burst(): Promise<void> {
  show(await benchBurst({ ...contest(), nodes: count('nodes', '1000'), stored: count('stored', '0') }))
}

async function scale(): Promise<void> {
  show(
    await benchScale({
      ...contest(),
      nodes: count('nodes', '1000'),
      stored: count('stored', '15000'),
      pending: count('pending', '5000'),
    }),
  )
}

async function join(): Promise<void> {
  show(
    await benchJoin({
      ...contest(),
      nodes: count('nodes', '1000'),
      lateSeconds: count('late'),
      liars: count('liars', '0'),
      flapping: count('flapping'),
    }),
  )
}

function contest() {
  return { rounds: count('rounds'), print: progress }
}

function show(contests: readonly Contest[]): void {
  if (values.output === 'json') print(JSON.stringify(contests.map(summaryOf), null, 2))
  else print(contests.map((one) => tableOf(one).join('\n')).join('\n\n'))
}

async function handover(): Promise<void> {
  const areServed = await benchHandover({
    contender: oursByDefault,
    addresses: count('addresses'),
    withinSeconds: count('within'),
    pauseSeconds: count('pause'),
    patienceSeconds: count('patience'),
    listeners: !values.blind,
    print,
  })
  if (!areServed) process.exitCode = 1
}

async function ledger(): Promise<void> {
  if (!(await benchLedger({ nodes: count('nodes', '500'), print }))) process.exitCode = 1
}

/** Runs this program again in a network of its own, since the controller dials the addresses of nodes. */
async function alone(run: () => Promise<void>): Promise<void> {
  if (values.alone) return await run()
  // What may have to be built or fetched is, while there is a network.
  await resolveBinaries(['etcd', 'kube-apiserver', 'kube-controller-manager'])
  await buildFleet(progress)
  if (CONTESTS.includes(positionals[0] ?? '')) await postfinance()
  process.exitCode = await runAgainAlone({ hosts: '127.0.0.1 localhost\n', local: LOCAL })
}
