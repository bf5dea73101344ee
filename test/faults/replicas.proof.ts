import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Child } from '../kit/child.ts'
import { createClient, isObject } from '../kit/client.ts'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { until } from '../kit/until.ts'
import { TestNode, untilAll } from '../kit/kubelet/test-node.ts'
import { isDecision, openProxy, type Proxy } from './proxy.ts'
import { type Service, type ServiceOptions, startService } from '../kit/service/service.ts'

const LEASE = '/apis/coordination.k8s.io/v1/namespaces/kubelet-csr-gate/leases/kubelet-csr-gate'

/** A replica and the door it goes through. */
interface Replica {
  readonly service: Service
  readonly child: Child
  readonly proxy: Proxy
}

let cluster: ControlPlane
let nodes: TestNode[]
const stack = new AsyncDisposableStack()

before(async () => {
  cluster = stack.use(await startControlPlane())
  nodes = Array.from({ length: 62 }, (_, index) => new TestNode(cluster, `n${index}`, `10.0.4.${index}`))
  await Promise.all(nodes.map(async (node) => await node.join()))
})
after(async () => await stack.disposeAsync())

async function startTwo(
  using: AsyncDisposableStack,
  leads: ServiceOptions = {},
): Promise<{ leader: Replica; other: Replica }> {
  await cluster.adminRequest('DELETE', LEASE)
  const [leader, other] = [await startOne(using, leads), await startOne(using)]
  return { leader, other }
}

/** The first one started leads. */
async function startOne(using: AsyncDisposableStack, options: ServiceOptions = {}): Promise<Replica> {
  const proxy = using.use(await openProxy(cluster))
  const defaults = { webhook: false, server: proxy.url, leaderElect: true, drainSeconds: 0 }
  const service = using.use(await startService(cluster, { ...defaults, ...options }))
  await until(async () => (await holder()) !== '', 'someone leads', 10_000, 50)
  return { service, child: service.child, proxy }
}

async function holder(): Promise<string> {
  const { body } = await cluster.adminRequest('GET', LEASE)
  const spec = isObject(body['spec']) ? body['spec'] : {}
  return typeof spec['holderIdentity'] === 'string' ? spec['holderIdentity'] : ''
}

const of = ({ proxy }: Replica): number => proxy.seen.filter(isDecision).length
const isApproved = ({ approved }: { approved: boolean }): boolean => approved

/** Of the answer that a webhook gives to a POST of nothing. */
async function statusOf(url: string): Promise<number> {
  using client = createClient(url, { caPem: cluster.caPem })
  return (await client.request('POST', '/validate', {})).status
}

/** How many ms after now a CSR that is made now is approved. */
async function approvedAfter(node: TestNode | undefined, withinMs: number): Promise<number> {
  assert.ok(node)
  return await untilAll(cluster, [await node.ask()], isApproved, withinMs)
}

test('a leader that is killed is followed within 20 s', async (t) => {
  await using using = new AsyncDisposableStack()
  const { leader, other } = await startTwo(using)
  await approvedAfter(nodes[0], 5_000)
  await until(() => leader.proxy.seen.some(isDecision), 'the first one leads')
  assert.ok(!other.proxy.seen.some(isDecision))
  leader.child.signal('SIGKILL')
  const ms = await approvedAfter(nodes[1], 20_000)
  t.diagnostic(`approved by the other after ${Math.round(ms)} ms`)
  await until(() => other.proxy.seen.some(isDecision), 'it was the other')
})

test('a leader that is asked to stop is followed within 3 s', async (t) => {
  await using using = new AsyncDisposableStack()
  const { leader, other } = await startTwo(using)
  await approvedAfter(nodes[2], 5_000)
  leader.child.signal('SIGTERM')
  await leader.child.gone
  const ms = await approvedAfter(nodes[3], 3_000)
  t.diagnostic(`approved by the other after ${Math.round(ms)} ms`)
  assert.equal(leader.child.ended(), 0)
  await until(() => other.proxy.seen.some(isDecision), 'it was the other')
})

test('a leader that drains is followed within 3 s, and its webhook goes on answering', async (t) => {
  await using using = new AsyncDisposableStack()
  const { leader, other } = await startTwo(using, { webhook: true, drainSeconds: 15 })
  await approvedAfter(nodes[60], 5_000)
  const first = await holder()
  leader.child.signal('SIGTERM')
  await until(async () => (await holder()) !== first, 'the first gives the Lease back', 3_000)
  const ms = await approvedAfter(nodes[61], 3_000)
  t.diagnostic(`approved by the other after ${Math.round(ms)} ms`)
  await until(() => other.proxy.seen.some(isDecision), 'it was the other')
  // there is no review in it, and to say so is an answer
  assert.equal(await statusOf(leader.service.webhookUrl), 400)
  assert.equal(leader.child.ended(), null)
})

test('a leader that stood still until another led changes nothing once it goes on, and everything is decided once', async (t) => {
  await using using = new AsyncDisposableStack()
  const { leader, other } = await startTwo(using)
  await approvedAfter(nodes[4], 5_000)
  const early = Promise.all(nodes.slice(5, 55).map(async (node) => await node.ask()))
  // In the middle of its work, so that much of it is judged and not yet written.
  await until(() => of(leader) >= 10, 'ten are written', 15_000, 1)
  await leader.child.pause()
  const asked = await early
  await untilAll(cluster, asked, isApproved, 20_000)
  const wakesAt = performance.now()
  leader.child.resume()
  const late = await Promise.all(nodes.slice(55, 60).map(async (node) => await node.ask()))
  await untilAll(cluster, late, isApproved, 5_000)
  await sleep(3_000)
  const afterwards = leader.proxy.seen.filter((passing) => isDecision(passing) && passing.at > wakesAt)
  t.diagnostic(
    `${of(leader)} written by the first, ${of(other)} by the other, ${afterwards.length} by the first after it woke`,
  )
  // The stop may catch one between the last look at the Lease and the socket: its preconditions refuse it.
  assert.ok(
    afterwards.length <= 1 && afterwards.every(({ status }) => status === 409),
    JSON.stringify(afterwards),
  )
  const written = [leader, other].flatMap(({ proxy }) => proxy.seen.filter(isDecision))
  const accepted = written.filter(({ status }) => status === 200).map(({ url }) => url)
  assert.equal(new Set(accepted).size, accepted.length)
})
