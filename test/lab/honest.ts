/** How long honest nodes wait for their certificates, whatever happens to them, and beside a hostile one. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { startEmbeddedCluster } from '../embedded/cluster.ts'
import { readArguments, refuseArguments } from '../kit/command-line.ts'
import { inColumns } from '../kit/columns.ts'
import { Machines } from '../kit/kubelet/machines.ts'
import { startService } from '../kit/service/service.ts'
import { registerWebhook } from '../kit/service/webhook.ts'
import { percentile } from './bench/statistics.ts'
import type { Place } from './honest/host.ts'
import { besideHostile } from './honest/hostile-node.ts'
import { joined, lines, type Waits } from './honest/life.ts'
import { storeNodes } from './honest/stored.ts'

const HELP = `
npx node test/lab/honest.ts [life|hostile] [--takeovers COUNT] [--stored COUNT] [--seconds COUNT] [--without-webhook]

Runs the service on an embedded API server, with kubelets on loopback. A line for each thing that happens to honest nodes, with
the seconds from their CSR to their certificate. Exit code 1 unless all are served. Default: life, and then hostile.
  --takeovers COUNT  nodes that take over an address within 10 s; default 1000
  --stored COUNT     other Nodes in the ledger, each with five names; default 7000
  --seconds COUNT    beside the hostile node; default 60
`

const { values, positionals } = readArguments(HELP, {
  allowPositionals: true,
  options: {
    takeovers: { type: 'string', default: '1000' },
    stored: { type: 'string', default: '7000' },
    seconds: { type: 'string', default: '60' },
    'without-webhook': { type: 'boolean', default: false },
  },
})
const count = (option: 'takeovers' | 'stored' | 'seconds'): number =>
  /^\d{1,5}$/u.test(values[option])
    ? Number(values[option])
    : refuseArguments(HELP, `--${option} is no count`)
const [part = 'all'] = positionals
if (!['all', 'life', 'hostile'].includes(part)) refuseArguments(HELP, `${part} is not life or hostile`)

/** Three of another Node show that the network works. */
const PROVEN = 4
const PATIENCE_MS = 120_000
const WIDE = 56

await using cluster = await startEmbeddedCluster()
await using machines = new Machines(cluster.directory)
const place: Place = { cluster, machines, patienceMs: PATIENCE_MS }
await timed(`${count('stored')} Nodes stored`, async () => await storeNodes(place, count('stored')))
await using dns = await silentDns()
await using service = await startService(cluster, {
  machines,
  proof: 'auto',
  leaderElect: false,
  config: { sources: { dns: { domains: ['example.com'], servers: [`127.0.0.1:${dns.port}`] } } },
})
if (!values['without-webhook'])
  await registerWebhook(cluster.admin, { url: service.webhookUrl, caPem: cluster.caPem })
await joined(place, 'proven', PROVEN)
if (part !== 'hostile') await life()
if (part !== 'life') await hostile()

async function life(): Promise<void> {
  for (const { what, run } of lines)
    await guarded(what, async () => tell(what, await run(place, { takeovers: count('takeovers') })))
}

async function hostile(): Promise<void> {
  await guarded('beside a hostile node', async () => {
    const { joins, renewals, asked } = await besideHostile(place, count('seconds'))
    tell(`beside a hostile node that asked ${asked} times: joins`, joins)
    tell('beside a hostile node: renewals', renewals)
  })
}

/** One that fails does not end the others. */
async function guarded(what: string, run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (error) {
    process.exitCode = 1
    say([what, `NOT SERVED: ${error instanceof Error ? error.message : String(error)}`])
  }
}

function tell(what: string, waits: Waits): void {
  const seconds = (share: number): string => (percentile(waits, share) / 1_000).toFixed(2)
  const spread = waits.length > 1 ? `, p50 ${seconds(0.5)}, p99 ${seconds(0.99)}` : ''
  say([what, `${waits.length} served, at most ${seconds(1)} s${spread}`])
}

function say([what = '', ...rest]: readonly string[]): void {
  for (const line of inColumns([[what.padEnd(WIDE), ...rest]])) process.stdout.write(`${line}\n`)
}

async function timed(what: string, run: () => Promise<void>): Promise<void> {
  const begun = performance.now()
  await run()
  process.stderr.write(`${what} after ${((performance.now() - begun) / 1_000).toFixed(1)} s\n`)
}

/** Takes queries and answers none. */
async function silentDns(): Promise<AsyncDisposable & { readonly port: number }> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { port: socket.address().port, [Symbol.asyncDispose]: async () => void socket.close() }
}
