import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { apiServerMetrics, rows } from '../build/dashboard-panels.ts'
import { metricTable } from '../server/report/metric-table.ts'
import { startChild } from '../test/cluster/child.ts'
import { type ControlPlane, type Person, startControlPlane } from '../test/cluster/control-plane.ts'
import { freePort } from '../test/cluster/ports.ts'
import { type Service, startService } from '../test/cluster/service.ts'
import { registerWebhook, unregisterWebhook } from '../test/cluster/webhook.ts'
import { reported } from '../test/kubelets/addresses.ts'
import { createCsr } from '../test/kubelets/csr.ts'
import { Kubelet } from '../test/kubelets/kubelet.ts'
import { buildRequest } from '../test/requests/request.ts'
import { pathOf, prometheusMissing } from './prometheus.ts'

/** Grafana's own variable, in a run of a minute. */
const RATE_INTERVAL = '60s'
const SCRAPE = '1s'
/** Nodes join until everything was seen. */
const PATIENCE_MS = 60_000
/** Counted only once a condition of somebody's own fails, or the API server fails in the middle of a decision. */
const notHere = [apiServerMetrics.matchErrors, metricTable.queueRetries.name] as const

const skip = prometheusMissing
const cleanUp = new AsyncDisposableStack()
let cluster: ControlPlane
let service: Service
let prometheusUrl = ''
before(async () => {
  if (skip !== false) return
  cluster = cleanUp.use(await startControlPlane())
  service = cleanUp.use(await startService(cluster))
  prometheusUrl = await startPrometheus()
})
after(() => cleanUp.disposeAsync())

async function startPrometheus(): Promise<string> {
  const file = (name: string): string => join(cluster.directory, name)
  const scraper = await cluster.issue({ commonName: 'prometheus', organizations: ['system:masters'] })
  await writeFile(file('scraper.crt'), scraper.certPem)
  await writeFile(file('scraper.key'), scraper.keyPem, { mode: 0o600 })
  await writeFile(file('scraper-ca.crt'), cluster.caPem)
  const labels = { namespace: 'kubelet-csr-gate', pod: 'gate-0' }
  const ours = {
    job_name: 'kubelet-csr-gate',
    static_configs: [{ targets: [new URL(service.observeUrl).host], labels }],
  }
  const tls_config = {
    ca_file: file('scraper-ca.crt'),
    cert_file: file('scraper.crt'),
    key_file: file('scraper.key'),
  }
  const apiServer = {
    job_name: 'apiserver',
    scheme: 'https',
    tls_config,
    static_configs: [{ targets: [new URL(cluster.url).host] }],
  }
  const global = { scrape_interval: SCRAPE, scrape_timeout: SCRAPE }
  await writeFile(file('prometheus.yaml'), stringify({ global, scrape_configs: [ours, apiServer] }))
  const listen = `127.0.0.1:${await freePort()}`
  const child = startChild({
    name: 'prometheus',
    path: pathOf('prometheus'),
    args: [
      `--config.file=${file('prometheus.yaml')}`,
      `--storage.tsdb.path=${file('tsdb')}`,
      `--web.listen-address=${listen}`,
    ],
    logFile: file('prometheus.log'),
  })
  cleanUp.defer(() => child.stop())
  return `http://${listen}`
}

/** A gate that is away, while a node asks that nobody knows; then it is there, with another policy. */
async function stumble(): Promise<void> {
  const { admin, caPem } = cluster
  const closed = `https://127.0.0.1:${await freePort()}/validate`
  const ghost = cluster.impersonate(nodeUser('ghost'))
  const { request } = buildRequest({ commonName: 'system:node:ghost' })
  for (const failurePolicy of ['Ignore', 'Fail'] as const) {
    await registerWebhook(admin, { url: closed, caPem, failurePolicy })
    for (let calls = 0; calls < 10; calls++) {
      await createCsr(ghost, { request })
      await sleep(250)
    }
    await unregisterWebhook(admin)
  }
  await registerWebhook(admin, { url: service.webhookUrl, caPem })
  await writeFile(join(cluster.directory, 'service-1.policy.yaml'), 'maxExpirationSeconds: 86400\n')
}

/** A node joins and gets its certificate; somebody who is no node is refused. */
async function joinCluster(name: string, address: string): Promise<void> {
  const addresses = reported(['Hostname', name], ['InternalIP', address])
  const kubelet = new Kubelet(cluster.impersonate(nodeUser(name)), { name, addresses })
  await kubelet.register()
  await kubelet.report()
  await kubelet.obtain(AbortSignal.timeout(30_000))
  await createCsr(cluster.admin, { request: buildRequest().request })
}

function nodeUser(name: string): Person {
  return { user: `system:node:${name}`, groups: ['system:nodes', 'system:authenticated'] }
}

/** What a panel would show: the newest values of its series. */
async function valuesOf(expr: string): Promise<readonly number[]> {
  const query = encodeURIComponent(expr.replaceAll('$__rate_interval', RATE_INTERVAL))
  const response = await fetch(`${prometheusUrl}/api/v1/query?query=${query}`)
  const text = await response.text()
  assert.equal(response.status, 200, `${expr}: ${text}`)
  const { data }: { data: { result: { value: [number, string] }[] } } = JSON.parse(text)
  return data.result.map(({ value }) => Number(value[1]))
}

async function isEmpty(expr: string): Promise<boolean> {
  return (await valuesOf(expr)).every(Number.isNaN)
}

test('every query of the dashboard has data in a real run', { skip }, async () => {
  await cluster.restartApiServer()
  await stumble()
  const deadline = performance.now() + PATIENCE_MS
  let empty = Object.values(rows)
    .flatMap((panels) => panels.flatMap(({ queries }) => queries.map(({ expr }) => expr)))
    .filter((expr) => !notHere.some((metric) => expr.includes(metric)))
  for (let nodes = 1; empty.length > 0 && performance.now() < deadline; nodes++) {
    await joinCluster(`worker-${nodes}`, `10.0.1.${nodes}`)
    await sleep(500)
    const stillEmpty: string[] = []
    for (const expr of empty) if (await isEmpty(expr)) stillEmpty.push(expr)
    empty = stillEmpty
  }
  assert.deepEqual(empty, [])
})
