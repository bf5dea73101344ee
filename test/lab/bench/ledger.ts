import { setTimeout as sleep } from 'node:timers/promises'
import { type ControlPlane, startControlPlane } from '../../control-plane/control-plane.ts'
import { TestNode, standing, untilAll } from '../../kit/kubelet/test-node.ts'
import { CSRS, listOf, standingOf } from '../../kit/kubelet/csr.ts'
import { type Service, startService } from '../../kit/service/service.ts'
import { until } from '../../kit/until.ts'
import { approve } from './bare-approval.ts'
import { forEachOf, nameOf } from './fleet.ts'
import { buildFleet, type FleetNode, makeNodes, reportAddresses, startFleet } from './kubelet-fleet.ts'
import { damageLedger, damages, figuresOf } from './ledger-text.ts'
import { shippedProgram } from '../../kit/service/shipped.ts'
import { lineOf, timesOf } from './times.ts'

export interface LedgerOptions {
  readonly nodes: number
  readonly print: (line: string) => void
}

const LIMIT_MS = 3_600_000
const SERVED_MS = 300_000
const PARALLEL = 16
/** Of each damage: so many nodes renew, and so many others claim what these have. */
const RENEWING = 50
const LIARS = 20
/** Lies are looked at after so long: a contested CSR is judged again every 10 s. */
const LIES_MS = 12_000
/** The keeper writes at most two ConfigMaps a second. */
const WHOLE_MS = 20_000

/** A cluster whose kubelets listen, and a controller that comes later. */
interface Lab {
  readonly cluster: ControlPlane
  readonly nodes: readonly FleetNode[]
  readonly print: LedgerOptions['print']
}

/** The first installation on a cluster that runs, and what becomes of a damaged ledger. Returns whether all was as it must be. */
export async function benchLedger({ nodes: count, print }: LedgerOptions): Promise<boolean> {
  const program = await buildFleet(print)
  await using cluster = await startControlPlane()
  const nodes = Array.from({ length: count }, (_, index) => nodeOf(index))
  const lab: Lab = { cluster, nodes, print }
  await makeNodes(cluster, nodes)
  await reportAddresses(cluster, nodes)
  using fleet = startFleet(program, cluster, { listeners: true, limitMs: LIMIT_MS })
  fleet.start(nodes.filter(({ selfMade }) => !selfMade))
  await serveByAnother(lab)
  fleet.start(nodes.filter(({ selfMade }) => selfMade))
  await using controller = new Controller(cluster)
  const begun = performance.now()
  const isInstalled = await install(lab, controller)
  print(`ledger whole ${since(begun)} s after the start: ${await whole(lab, count)}`)
  let isRight = isInstalled
  for (const [name, damage] of Object.entries(damages))
    for (const restarted of [false, true])
      isRight = (await damaged(lab, controller, { name, damage, restarted })) && isRight
  return isRight
}

/** The controller, which is stopped and started again. */
class Controller implements AsyncDisposable {
  readonly #cluster: ControlPlane
  #service: Service | undefined

  constructor(cluster: ControlPlane) {
    this.#cluster = cluster
  }

  async start(): Promise<void> {
    const options = { webhook: false, drainSeconds: 0, proof: 'warn', ...(await shippedProgram()) } as const
    this.#service = await startService(this.#cluster, options)
  }

  async stop(): Promise<void> {
    await this.#service?.stop()
    this.#service = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

function nodeOf(index: number): FleetNode {
  const name = `running-${index}`
  const addresses = [`10.64.${(index >> 8) & 255}.${index & 255}`]
  return {
    name,
    dnsNames: [name],
    addresses,
    otherAddresses: [],
    ownAddresses: addresses,
    selfMade: index % 2 === 1,
  }
}

/** As another approver did: kubelets have certificates of the cluster, and their CSRs are gone. */
async function serveByAnother({ cluster, nodes }: Lab): Promise<void> {
  const served = nodes.filter(({ selfMade }) => !selfMade)
  const done = new Set<string>()
  await until(
    async () => {
      const asked = (await listOf(cluster, CSRS)).filter((csr) => !done.has(nameOf(csr)))
      await forEachOf(asked, PARALLEL, async (csr) => {
        await approve(cluster, csr)
        done.add(nameOf(csr))
      })
      return done.size >= served.length
    },
    'another approver has approved all',
    SERVED_MS,
  )
  const isIssued = async () =>
    (await listOf(cluster, CSRS)).every((csr) => standingOf(csr).certificate !== null)
  await until(isIssued, 'all are issued', SERVED_MS, 500)
  await sleep(2_000)
  await cluster.adminRequest('DELETE', CSRS)
}

/** Those with self-made certificates have asked already; the others renew. */
async function install({ cluster, nodes, print }: Lab, controller: Controller): Promise<boolean> {
  const selfMade = nodes.filter((node) => node.selfMade)
  await controller.start()
  const waited = await timesOf(cluster, selfMade, SERVED_MS)
  print(lineOf('first installation: with self-made certificates', waited, selfMade.length))
  const others = nodes.filter((node) => !node.selfMade)
  const { approved, seconds } = await renew(cluster, others, SERVED_MS)
  print(`served by another approver before: ${approved} of ${others.length} renewed within ${seconds} s`)
  return approved === others.length && [...waited.values()].every((one) => one.approved !== null)
}

async function renew(cluster: ControlPlane, nodes: readonly FleetNode[], withinMs: number) {
  const asked: string[] = []
  await forEachOf(nodes, PARALLEL, async ({ name, addresses: [address = ''] }) => {
    asked.push(await new TestNode(cluster, name, address).ask())
  })
  const begun = performance.now()
  await untilAll(cluster, asked, ({ approved }) => approved, withinMs).catch(() => undefined)
  return { approved: await approvedIn(cluster, asked), seconds: since(begun) }
}

async function approvedIn(cluster: ControlPlane, csrs: readonly string[]): Promise<number> {
  const all = await Promise.all(csrs.map(async (csr) => await standing(cluster, csr)))
  return all.filter(({ approved }) => approved).length
}

interface Damaged {
  readonly name: string
  readonly damage: (text: string) => string | null
  /** Whether no process remembers what was in it. */
  readonly restarted: boolean
}

let rounds = 0

/** No CSR is left, and the ledger is damaged: what new nodes that claim others' names and addresses get, and what honest ones. */
async function damaged(
  lab: Lab,
  controller: Controller,
  { name, damage, restarted }: Damaged,
): Promise<boolean> {
  const { cluster, nodes, print } = lab
  rounds += 1
  await cluster.adminRequest('DELETE', CSRS)
  if (restarted) await controller.stop()
  await damageLedger(cluster, damage)
  if (restarted) await controller.start()
  const begun = performance.now()
  const lies = await lie(lab)
  const wholeAfter = await wholeWithin(lab, begun)
  const renewing = nodes.slice(0, RENEWING)
  const renewed = await renew(cluster, renewing, LIES_MS)
  await sleep(LIES_MS)
  const believed = await approvedIn(cluster, lies)
  const after = await figuresOf(cluster)
  print(
    `ledger ${name}, ${restarted ? 'the controller started again' : 'the controller runs'}: whole ${wholeAfter}; lies approved ${believed} of ${lies.length}; renewals approved ${renewed.approved} of ${renewing.length} within ${renewed.seconds} s; afterwards ${after.nodes} Nodes, ${after.unreadable} ConfigMaps unreadable`,
  )
  await restore(lab, controller)
  return believed === 0 && renewed.approved === renewing.length
}

/** Half of them claim an address, half a name. */
async function lie({ cluster, nodes }: Lab): Promise<readonly string[]> {
  const lies: string[] = []
  for (let index = 0; index < LIARS; index += 1) {
    const victim = nodes[index]
    const address = index % 2 === 0 ? (victim?.addresses[0] ?? '') : `10.72.${rounds}.${index}`
    const liar = new TestNode(cluster, `liar-${rounds}-${index}`, address)
    await liar.join()
    const dnsNames = index % 2 === 0 ? [liar.name] : [liar.name, victim?.name ?? '']
    await liar.report({ names: dnsNames, addresses: [address] })
    lies.push(await liar.ask({ dnsNames }))
  }
  return lies
}

async function wholeWithin(lab: Lab, begun: number): Promise<string> {
  const isWhole = async () => (await figuresOf(lab.cluster)).nodes >= lab.nodes.length
  return await until(isWhole, 'whole', WHOLE_MS, 250).then(
    () => `after ${since(begun)} s`,
    () => `not within ${WHOLE_MS / 1_000} s`,
  )
}

async function whole({ cluster }: Lab, count: number): Promise<string> {
  await until(async () => (await figuresOf(cluster)).nodes >= count, 'the ledger is whole', SERVED_MS, 250)
  const { bytes, nodes } = await figuresOf(cluster)
  return `${nodes} Nodes, ${bytes} bytes`
}

/** What docs/ownership.md tells the operator: delete it, and every renewal fills it again. */
async function restore(lab: Lab, controller: Controller): Promise<void> {
  const { cluster, nodes } = lab
  await controller.stop()
  await damageLedger(cluster, () => null)
  for (let index = 0; index < LIARS; index += 1)
    await cluster.adminRequest('DELETE', `/api/v1/nodes/liar-${rounds}-${index}`)
  await cluster.adminRequest('DELETE', CSRS)
  await controller.start()
  const { approved } = await renew(cluster, nodes, SERVED_MS)
  if (approved < nodes.length) throw new Error(`only ${approved} of ${nodes.length} renewed`)
  await whole(lab, nodes.length)
}

function since(begun: number): string {
  return ((performance.now() - begun) / 1_000).toFixed(1)
}
