import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Child } from '../kit/child.ts'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { standing, TestNode, untilAll } from '../kit/kubelet/test-node.ts'
import { openProxy, type Proxy } from './proxy.ts'
import { until } from '../kit/until.ts'
import { startService } from '../kit/service/service.ts'

/** What the issue grants after the API server's return. */
const DECIDED_WITHIN_MS = 15_000
const WAITING = 50
/** CSRs, Nodes, the API server’s Service, endpoints and cluster-info, ServiceCIDRs, the ledger. */
const LISTS = 7

/** Patience short enough for a test to wait for its end. */
const POLICY = 'patienceSeconds: 5'

let cluster: ControlPlane
let proxy: Proxy
let replica: Child
let nodes: TestNode[]
const stack = new AsyncDisposableStack()

before(async () => {
  cluster = stack.use(await startControlPlane())
  proxy = stack.use(await openProxy(cluster))
  const service = await startService(cluster, {
    webhook: false,
    server: proxy.url,
    policy: POLICY,
    drainSeconds: 0,
  })
  replica = stack.use(service).child
  nodes = Array.from({ length: WAITING }, (_, index) => new TestNode(cluster, `n${index}`, `10.0.1.${index}`))
  await Promise.all(nodes.map(async (node) => await node.join()))
})
after(async () => await stack.disposeAsync())

const isApproved = ({ approved }: { approved: boolean }): boolean => approved

async function askAll(): Promise<string[]> {
  return await Promise.all(nodes.map(async (node) => await node.ask()))
}

/** CSRs that must never be approved, from the same nodes. */
async function askForTheApiServersName(count: number): Promise<string[]> {
  return await Promise.all(
    nodes.slice(0, count).map(async (node) => await node.ask({ dnsNames: ['kubernetes'] })),
  )
}

async function noneApproved(csrs: readonly string[]): Promise<void> {
  for (const csr of csrs) assert.equal((await standing(cluster, csr)).approved, false, csr)
}

test('fifty pending CSRs are decided within 15 s after an API server returns that was gone for 20 s', async (t) => {
  await replica.pause()
  const hostile = await askForTheApiServersName(5)
  await sleep(1_100) // newer by the second, so that none of the honest ones is superseded
  const honest = await askAll()
  await cluster.killApiServer()
  replica.resume()
  await sleep(20_000)
  await cluster.restartApiServer()
  const ms = await untilAll(cluster, honest, isApproved, DECIDED_WITHIN_MS)
  t.diagnostic(`all ${honest.length} approved ${Math.round(ms)} ms after the API server was ready again`)
  await noneApproved(hostile)
})

test('no CSR is lost when watches are cut again and again', async (t) => {
  await until(() => proxy.watching() === LISTS, 'every list is watched again')
  const begun = performance.now()
  const asked: string[] = []
  let cut = 0
  for (const node of nodes.slice(0, 30)) {
    cut += proxy.cutWatches()
    asked.push(await node.ask())
    await sleep(200)
  }
  const ms = await untilAll(cluster, asked, isApproved, DECIDED_WITHIN_MS)
  assert.ok(cut > 20, `only ${cut} watches were cut`)
  t.diagnostic(
    `${cut} watches cut in ${Math.round(performance.now() - begun)} ms; all approved ${Math.round(ms)} ms after the last`,
  )
})

test('every CSR is decided after etcd was compacted while all watches were down', async (t) => {
  proxy.refuseWatches = true
  proxy.cutWatches()
  const asked = await askAll()
  await cluster.compactEtcd()
  await cluster.killApiServer()
  await cluster.restartApiServer() // its cache of recent events is empty now
  proxy.refuseWatches = false
  const ms = await untilAll(cluster, asked, isApproved, DECIDED_WITHIN_MS)
  t.diagnostic(`all ${asked.length} approved after ${Math.round(ms)} ms`)
})

test('a CSR of a Node that was recreated since is never approved, even while the Node watch is silent', async () => {
  const node = new TestNode(cluster, 'recreated', '10.0.2.1')
  await node.join()
  proxy.stall = '/api/v1/nodes'
  await sleep(6_000)
  await node.leave()
  // a list of the Nodes is believed for five seconds, and another CSR may just have asked for one
  await sleep(5_500)
  const early = await node.ask()
  await sleep(8_000)
  await node.join()
  const afterwards = await node.ask()
  await untilAll(cluster, [afterwards], isApproved, DECIDED_WITHIN_MS)
  assert.equal((await standing(cluster, early)).approved, false)
  await untilAll(cluster, [early], ({ denied }) => denied, 45_000)
  proxy.stall = null
})
