/** A service as a pod runs it, with an output that nobody reads, as when the container runtime stalls. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { goodReview } from '../server/admission/good-review.fixture.ts'
import { issueAuthority, issueLeaf } from '../server/tls/authority.ts'
import { createClient } from '../test/kit/client.ts'
import { FaultyApi } from '../test/embedded/faulty-api.ts'
import { CSRS, csrObject, standingOf } from '../test/kit/kubelet/csr.ts'
import { freePort } from '../test/kit/ports.ts'
import { buildRequest } from '../test/kit/requests/request.ts'
import { until } from '../test/kit/until.ts'

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kubelet-csr-gate/leases'
const SERVICE_CIDRS = '/apis/networking.k8s.io/v1/servicecidrs'
/** Linux gives a pipe 64 KiB, and Node a pair of sockets with about 200 KiB; the service buffers 4 MiB. */
const ENOUGH_LINES = 9_000
const IN_FLIGHT = 32
const DRAIN_SECONDS = 1

interface Running extends AsyncDisposable {
  readonly api: FaultyApi
  readonly child: ChildProcess
  review(): Promise<number>
  approve(name: string): Promise<void>
  metric(name: string): Promise<number>
  /** SIGTERM; the exit code, and the seconds that it took. */
  end(): Promise<{ readonly code: unknown; readonly seconds: number }>
}

/** A login that never ends, as of a cloud provider that is down: no call of the API server ever returns. */
const HANGING_LOGIN = {
  exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sleep', args: ['60'] },
}

async function start({ logsIn = true } = {}): Promise<Running> {
  const api = await FaultyApi.start()
  // It has the namespace of the service.
  api.collection(LEASES)
  api.collection(SERVICE_CIDRS).put({ metadata: { name: 'kubernetes' }, spec: { cidrs: ['10.96.0.0/16'] } })
  addNode(api)
  const at = (name: string): string => join(api.folder, name)
  const authority = issueAuthority(Date.now())
  const leaf = issueLeaf(authority, ['127.0.0.1'], Date.now())
  await writeFile(at('cert.pem'), leaf.certificate)
  await writeFile(at('key.pem'), leaf.key)
  await api.writeKubeconfig()
  if (!logsIn) await replaceUser(at('kubeconfig'), HANGING_LOGIN)
  const [webhook, metrics] = [await freePort(), await freePort()]
  const settings = {
    listenAddress: '127.0.0.1',
    tls: { certFile: at('cert.pem'), keyFile: at('key.pem') },
    webhook: { port: webhook },
    metrics: { port: metrics },
    drainSeconds: DRAIN_SECONDS,
  }
  await writeFile(at('config.yaml'), JSON.stringify(settings))
  const args = [`--kubeconfig=${at('kubeconfig')}`, `--config=${at('config.yaml')}`]
  const child = spawn(
    'timeout',
    [
      '--foreground',
      '--signal=KILL',
      '180',
      process.execPath,
      join(import.meta.dirname, 'main.ts'),
      'serve',
      ...args,
    ],
    {
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  child.stdout.pause()
  const exited = once(child, 'exit')
  const client = createClient(`https://127.0.0.1:${webhook}`, { caPem: authority.certificate })
  const get = async (path: string) => (await fetch(`http://127.0.0.1:${metrics}${path}`)).text()
  const probe = logsIn ? '/readyz' : '/livez'
  await until(async () => (await get(probe)) === 'ok\n', 'it serves', 40_000)
  return {
    api,
    child,
    review: async () => (await client.request('POST', '/validate', goodReview())).status,
    async approve(name) {
      api.collection(CSRS).put(pendingCsr(name))
      const isApproved = () => standingOf(api.collection(CSRS).get(name) ?? {}).approved
      await until(isApproved, `${name} is approved`)
    },
    async metric(name) {
      const [, value] = new RegExp(`^${name}\\{.*\\} (.+)$`, 'mu').exec(await get('/metrics')) ?? []
      return Number(value)
    },
    async end() {
      const begun = performance.now()
      child.kill('SIGTERM')
      const [code] = await exited
      return { code, seconds: (performance.now() - begun) / 1_000 }
    },
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]()
      child.kill('SIGTERM')
      await exited
      await api[Symbol.asyncDispose]()
    },
  }
}

async function replaceUser(kubeconfig: string, user: object): Promise<void> {
  const config: object = JSON.parse(await readFile(kubeconfig, 'utf8'))
  await writeFile(kubeconfig, JSON.stringify({ ...config, users: [{ name: 'user', user }] }))
}

function addNode(api: FaultyApi): void {
  const addresses = [
    { type: 'Hostname', address: 'node-1' },
    { type: 'InternalIP', address: '10.0.0.1' },
  ]
  api.collection('/api/v1/nodes').put({ metadata: { name: 'node-1' }, status: { addresses } })
}

function pendingCsr(name: string) {
  const { spec } = csrObject({ request: buildRequest().request })
  const identity = { username: 'system:node:node-1', groups: ['system:nodes', 'system:authenticated'] }
  return { metadata: { name }, spec: { ...Object(spec), ...identity }, status: {} }
}

/** Reviews until the log has dropped lines. Each must be answered. */
async function fill(running: Running): Promise<void> {
  for (let sent = 0; sent < ENOUGH_LINES; sent += IN_FLIGHT) {
    const statuses = await Promise.all(Array.from({ length: IN_FLIGHT }, () => running.review()))
    assert.ok(statuses.every((status) => status === 200))
    if (sent % 1_024 === 0 && (await running.metric('kubelet_csr_gate_log_lines_dropped_total')) > 0) return
  }
}

test('with an output that nobody reads, CSRs are reviewed and approved, lines are counted, and SIGTERM ends it', async () => {
  await using running = await start()
  await running.approve('before')
  await fill(running)
  // metrics are rendered once a second
  const dropped = async () => (await running.metric('kubelet_csr_gate_log_lines_dropped_total')) > 0
  await until(dropped, 'lines are dropped and counted')
  assert.equal(await running.review(), 200)
  await running.approve('after')
  const { code, seconds } = await running.end()
  assert.equal(code, 0)
  assert.ok(seconds < DRAIN_SECONDS + 6, `${seconds} s`)
})

test('what was buffered is written once it is read again, and what is missing is said in its place', async () => {
  await using running = await start()
  await fill(running)
  const { child } = running
  let text = ''
  child.stdout
    ?.setEncoding('utf8')
    .on('data', (chunk: string) => (text += chunk))
    .resume()
  await until(() => text.includes('log lines were dropped here'), 'the gap is marked')
  await running.approve('after')
  const { code } = await running.end()
  assert.equal(code, 0)
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line))
  const gaps = lines.filter(({ msg }) => msg === 'log lines were dropped here, because nobody read them')
  assert.equal(gaps.length, 1)
  assert.ok(Number(gaps[0]?.['lines']) > 0)
  assert.deepEqual([lines.at(-2)?.['msg'], lines.at(-1)?.['msg']], ['draining', 'stopped'])
  assert.ok(lines.some(({ csr, action }) => csr === 'after' && action === 'approved'))
})

test('a service that cannot stop, and whose output nobody reads, ends in time with exit code 1, whatever signals follow', async () => {
  await using running = await start({ logsIn: false })
  await fill(running)
  const ending = running.end()
  // The second ends the drain. The third finds a service that stops already.
  for (const signal of ['SIGTERM', 'SIGTERM'] as const) {
    await sleep(200)
    running.child.kill(signal)
  }
  const { code, seconds } = await ending
  assert.equal(code, 1)
  // 10 s for what cannot end, 1 s for the log, and the end of the process.
  assert.ok(seconds < DRAIN_SECONDS + 10 + 1 + 2, `${seconds} s`)
})
