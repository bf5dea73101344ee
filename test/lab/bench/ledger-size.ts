import { setTimeout as sleep } from 'node:timers/promises'
import { startControlPlane } from '../../control-plane/control-plane.ts'
import { metricsPage, sumIn } from '../../kit/service/metrics-page.ts'
import { type Service, startService } from '../../kit/service/service.ts'
import { until } from '../../kit/until.ts'
import { buildFleet, type FleetNode, makeNodes, reportAddresses, startFleet } from './kubelet-fleet.ts'
import { figuresOf } from './ledger-text.ts'
import { shippedProgram } from '../../kit/service/shipped.ts'
import { lineOf, timesOf } from './times.ts'

interface SizeOptions {
  readonly nodes: number
  readonly print: (line: string) => void
}

const JOINED_MS = 900_000
/** All are in the ledger ten seconds after the last approval, and it is looked at as long as nobody asks. */
const WRITTEN_MS = 60_000
const IDLE_MINUTES = 2

/** What the ledger of many nodes with two names and two addresses each takes, and how often it is written. */
export async function benchLedgerSize({ nodes: count, print }: SizeOptions): Promise<void> {
  const program = await buildFleet(print)
  await using cluster = await startControlPlane()
  const nodes = Array.from({ length: count }, (_, index) => nodeOf(index))
  await makeNodes(cluster, nodes)
  await reportAddresses(cluster, nodes)
  const options = { webhook: false, proof: 'warn', ...(await shippedProgram()) } as const
  await using service = await startService(cluster, options)
  using fleet = startFleet(program, cluster, { listeners: true, limitMs: 2 * JOINED_MS })
  const begun = performance.now()
  fleet.start(nodes)
  print(lineOf(`${count} nodes join`, await timesOf(cluster, nodes, JOINED_MS), count))
  const isWhole = async () => (await figuresOf(cluster)).nodes >= count
  await until(isWhole, 'all are in the ledger', WRITTEN_MS, 1_000)
  const minutes = (performance.now() - begun) / 60_000
  const written = await writesOf(service)
  const { bytes, largest, nodes: inLedger } = await figuresOf(cluster)
  print(
    `ledger: ${inLedger} Nodes, ${bytes} bytes (${(bytes / inLedger).toFixed(0)} a Node), the largest ConfigMap ${largest}`,
  )
  print(`written ${written} times, ${(written / minutes).toFixed(0)} a minute while they joined`)
  await sleep(IDLE_MINUTES * 60_000)
  const idle = ((await writesOf(service)) - written) / IDLE_MINUTES
  print(`written ${idle} times a minute while nobody asked`)
}

function nodeOf(index: number): FleetNode {
  const name = `ip-10-64-${index >> 8}-${index & 255}`
  const addresses = [64, 72].map((octet) => `10.${octet}.${index >> 8}.${index & 255}`)
  const dnsNames = [name, `${name}.eu-central-1.compute.internal`]
  return { name, dnsNames, addresses, otherAddresses: [], ownAddresses: addresses, selfMade: false }
}

/** So far. */
async function writesOf(service: Service): Promise<number> {
  return sumIn(await metricsPage(service), 'kubelet_csr_gate_ledger_writes_total', 'result="written"')
}
