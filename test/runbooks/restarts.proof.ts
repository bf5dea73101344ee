/** Runbooks of alerts that a pod has from its start on, or while it is gone. */
import assert from 'node:assert/strict'
import { request } from 'node:https'
import { createServer, connect as dial } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { objectAt, textAt } from '../../server/json.ts'
import { prometheusMissing } from '../chart/prometheus.ts'
import { registerEntry } from '../kit/service/webhook.ts'
import { untilAll } from '../kit/kubelet/test-node.ts'
import { openProxy } from '../faults/proxy.ts'
import { freePort } from '../kit/ports.ts'
import { startService } from '../kit/service/service.ts'
import { registerWebhook, unregisterWebhook } from '../kit/service/webhook.ts'
import { says } from './runbook.ts'
import { World } from './world.ts'

const skip = prometheusMissing
const APPROVED_WITHIN_MS = 60_000
const SCRAPED_MS = 2_500
const EFFECT_MS = 2_000
/** Longer than the half second of the alert, and shorter than the time-out of the webhook. */
const DELAY_MS = 800
/** So many bodies of so many bytes are twice what a pod holds at once, 8 MiB. */
const FLOOD = 80
const HELD_BYTES = 200_000
const CONFIGMAPS = '/api/v1/namespaces/kubelet-csr-gate/configmaps'
const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
const GUARD = 'guard.kubelet-csr-gate.io'

let world: World
before(async () => {
  if (skip === false) world = await World.start()
})
after(async () => {
  if (skip === false) await world[Symbol.asyncDispose]()
})

/** Passes connections on to a port, and what is sent there after a while. */
async function slowly(port: number): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer((socket) => {
    const onward = dial(port, '127.0.0.1')
    for (const end of [socket, onward]) end.on('error', () => undefined)
    onward.pipe(socket)
    socket.on('data', (bytes) => void sleep(DELAY_MS).then(() => onward.write(bytes)))
    socket.on('close', () => onward.destroy())
  })
  const own = await freePort()
  await new Promise<void>((resolve) => server.listen(own, '127.0.0.1', resolve))
  return { port: own, [Symbol.asyncDispose]: async () => void server.close() }
}

test('LatencyHigh: in the webhook itself, the latency is low', { skip }, async () => {
  const { cluster, pod } = world
  await using relay = await slowly(Number(new URL(pod.webhookUrl).port))
  const url = `https://127.0.0.1:${relay.port}/validate`
  await registerWebhook(cluster.admin, { url, caPem: cluster.caPem })
  await sleep(EFFECT_MS)
  const node = await world.joined()
  for (let times = 0; times < 3; times += 1) {
    await node.ask()
    await sleep(SCRAPED_MS)
  }
  await world.isTrue('LatencyHigh')
  const named = 'kubelet_csr_gate_request_duration_seconds'
  const low = `histogram_quantile(0.9, sum by (le) (rate(${named}_bucket[5m]))) < 0.5`
  await world.shows('LatencyHigh', named, low)
  await unregisterWebhook(cluster.admin)
})

test('GuardCallingError and GuardFailOpen: an approval by hand fails, and with Ignore is let through', {
  skip,
}, async () => {
  const { cluster, pod } = world
  await registerEntry(cluster, GUARD, pod.webhookUrl)
  await sleep(EFFECT_MS)
  await pod.stop()
  const csrs = [await (await world.joined()).ask(), await (await world.joined()).ask()]
  const approveAll = async () => {
    const said: string[] = []
    for (const csr of csrs) {
      said.push(await world.run('OldestPendingTooLong', 'kubectl certificate approve NAME', { NAME: csr }))
      await sleep(SCRAPED_MS)
    }
    return said
  }
  for (const said of await approveAll()) assert.match(said, /failed calling webhook "guard/u)
  await world.isTrue('GuardCallingError')
  const path = `${WEBHOOKS}/${GUARD}`
  const { body } = await cluster.adminRequest('GET', path)
  const patched = [body['webhooks']].flat().map((each) => ({ ...Object(each), failurePolicy: 'Ignore' }))
  assert.equal((await cluster.adminRequest('PATCH', path, { webhooks: patched })).status, 200)
  await sleep(EFFECT_MS)
  for (const said of await approveAll()) assert.match(said, /approved/u)
  await world.isTrue('GuardFailOpen')
  await cluster.adminRequest('DELETE', path)
})

test('LedgerUnreadable: the CSR that waits names the ConfigMap, and without it the CSR is approved', {
  skip,
}, async () => {
  const { cluster, pod } = world
  const { body } = await cluster.adminRequest('GET', CONFIGMAPS)
  const [shard] = [body['items']]
    .flat()
    .filter((item) => textAt(objectAt(Object(item), 'metadata'), 'name').includes('ledger'))
  const name = textAt(objectAt(Object(shard), 'metadata'), 'name')
  const broken = Object.fromEntries(
    Object.keys(objectAt(Object(shard), 'data')).map((key) => [key, 'broken']),
  )
  assert.equal((await cluster.adminRequest('PATCH', `${CONFIGMAPS}/${name}`, { data: broken })).status, 200)
  const restarted = await startService(cluster, { after: pod, leaderElect: true })
  world.use(restarted)
  await world.isTrue('LedgerUnreadable')
  const csr = await (await world.joined()).ask()
  await world.describes('LedgerUnreadable', csr, new RegExp(name, 'u'))
  assert.equal((await cluster.adminRequest('DELETE', `${CONFIGMAPS}/${name}`)).status, 200)
  await untilAll(cluster, [csr], ({ approved }) => approved, APPROVED_WITHIN_MS)
  await world.isFalse('LedgerUnreadable')
  await restarted.stop()
})

test('WatchStale: the watch is started again, because it is silent', { skip }, async () => {
  const { cluster, pod } = world
  await using proxy = await openProxy(cluster)
  await using behind = await startService(cluster, { after: pod, leaderElect: true, server: proxy.url })
  assert.ok(behind.pid > 0)
  proxy.stall = '/nodes'
  // longer than the minute between bookmarks
  await world.isTrue('WatchStale', 65)
  const metric = 'kubelet_csr_gate_watch_restarts_total'
  await world.shows('WatchStale', metric, `${metric}{list="nodes",reason="silent"} > 0`)
})

test('InventoryFaulty: the log has the ConfigMap, key, line and column, and a corrected ConfigMap ends it', {
  skip,
}, async () => {
  const { cluster, pod } = world
  const inventory = (address: string) => ({
    metadata: { name: 'inventory' },
    data: { 'nodes.yaml': `- {node: metal-0, addresses: [${address}]}\n` },
  })
  assert.equal((await cluster.adminRequest('POST', CONFIGMAPS, inventory('10.0.9.999'))).status, 201)
  const config = { sources: { inventory: { configMaps: ['inventory'] } } }
  await using restarted = await startService(cluster, { after: pod, leaderElect: true, config })
  await world.isTrue('InventoryFaulty')
  const line = /kubelet-csr-gate\/inventory.*nodes\.yaml.*1:\d+/u
  const named = 'every fault with the ConfigMap, key, line and column'
  await world.logs('InventoryFaulty', named, { tail: () => restarted.tail(), line })
  const corrected = await cluster.adminRequest('PATCH', `${CONFIGMAPS}/inventory`, inventory('10.0.9.9'))
  assert.equal(corrected.status, 200)
  await world.isFalse('InventoryFaulty')
})

test('Flood: somebody else than an API server holds bodies, and a node is served all the same', {
  skip,
}, async () => {
  const { cluster, pod } = world
  await using restarted = await startService(cluster, { after: pod, leaderElect: true })
  await registerWebhook(cluster.admin, { url: restarted.webhookUrl, caPem: cluster.caPem })
  await sleep(EFFECT_MS)
  const node = await world.joined()
  const headers = { 'content-type': 'application/json', 'content-length': HELD_BYTES + 1 }
  for (let index = 0; index < FLOOD; index += 1) {
    const call = request(restarted.webhookUrl, { method: 'POST', ca: cluster.caPem, headers })
    call.on('error', () => undefined)
    call.on('response', (response) => response.resume())
    call.write('x'.repeat(HELD_BYTES))
  }
  const csr = await node.ask()
  await world.isTrue('Flood')
  says(
    'KubeletCsrGateFlood',
    'If no user creates that many, a client other than an API server calls the webhook',
  )
  await untilAll(cluster, [csr], ({ approved }) => approved, APPROVED_WITHIN_MS)
  await unregisterWebhook(cluster.admin)
})
