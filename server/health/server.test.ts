import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { MetricsRecorder } from '../report/recorder.ts'
import type { HealthCheck } from './server.ts'
import { createHealthServer } from './server.ts'

async function startHealthServer(
  readinessChecks: readonly HealthCheck[],
  livenessChecks: readonly HealthCheck[] = [],
) {
  const metrics = new MetricsRecorder({ runs: { webhook: true, controller: true }, version: '0.1.0' })
  const observe = createHealthServer({ metrics, readinessChecks, livenessChecks })
  const { port } = await observe.listen({ host: '127.0.0.1', port: 0 })
  const get = async (path: string, init?: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init)
    return { status: response.status, text: await response.text() }
  }
  return { port, get, [Symbol.asyncDispose]: () => observe.close() }
}

const good: HealthCheck = { name: 'certificate', problem: () => null }

test('readiness needs all checks to pass, and lists the check that fails', async () => {
  let problem: string | null = 'not synced: nodes'
  await using started = await startHealthServer([good, { name: 'caches', problem: () => problem }])
  const failing = {
    status: 503,
    text: '[+]draining ok\n[+]certificate ok\n[-]caches failed: not synced: nodes\nnot ready\n',
  }
  assert.deepEqual(await started.get('/readyz'), failing)
  problem = null
  assert.deepEqual(await started.get('/readyz'), { status: 200, text: 'ok\n' })
  assert.deepEqual(await started.get('/readyz?verbose'), {
    status: 200,
    text: '[+]draining ok\n[+]certificate ok\n[+]caches ok\nok\n',
  })
})

test('a check that throws makes the process not ready, and does not crash it', async () => {
  const broken = () => {
    throw new Error('odd')
  }
  await using started = await startHealthServer([{ name: 'caches', problem: broken }])
  const { status, text } = await started.get('/readyz')
  assert.deepEqual(
    [status, text],
    [503, '[+]draining ok\n[-]caches failed: the check itself failed: Error: odd\nnot ready\n'],
  )
})

test('liveness does not depend on readiness', async () => {
  await using started = await startHealthServer([{ name: 'caches', problem: () => 'not synced' }])
  assert.deepEqual(await started.get('/livez'), { status: 200, text: 'ok\n' })
  assert.deepEqual(await started.get('/healthz'), { status: 200, text: 'ok\n' })
})

test('liveness fails with its reason while one of its checks does', async () => {
  let problem: string | null = 'the event loop stood still for 31 s'
  await using started = await startHealthServer([], [{ name: 'event-loop', problem: () => problem }])
  assert.deepEqual(await started.get('/livez'), {
    status: 500,
    text: '[-]event-loop failed: the event loop stood still for 31 s\nnot live\n',
  })
  problem = null
  assert.deepEqual(await started.get('/livez?verbose'), { status: 200, text: '[+]event-loop ok\nok\n' })
})

test('/metrics is served, other paths get 404 and other methods 405', async () => {
  await using started = await startHealthServer([])
  assert.match(
    (await started.get('/metrics')).text,
    /^kubelet_csr_gate_build_info\{component="both",version="0\.1\.0",node="v\d+/mu,
  )
  assert.equal((await started.get('/validate')).status, 404)
  assert.equal((await started.get('/metrics', { method: 'POST', body: 'x' })).status, 405)
})

/** What strangers open: connections that send nothing, half a head, a slow body, or ask and do not read. */
async function openStrangers(port: number, count: number): Promise<Socket[]> {
  const head = ' HTTP/1.1\r\nhost: x\r\n'
  const texts = [
    '',
    `GET /livez${head}`,
    `POST /livez${head}content-length: 9\r\n\r\nx`,
    `GET /metrics${head}\r\n`,
  ]
  const open = async (index: number): Promise<Socket> => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${1 + (index % 3)}` })
    socket.on('error', () => undefined).pause()
    await once(socket, 'connect')
    socket.write(texts[index % texts.length] ?? '')
    return socket
  }
  return await Promise.all(Array.from({ length: count }, (_, index) => open(index)))
}

for (const count of [128, 1_024]) {
  test(`probes are answered within 100 ms while strangers have opened ${count} connections`, async () => {
    await using started = await startHealthServer([good])
    const strangers = await openStrangers(started.port, count)
    const waits: number[] = []
    for (let probe = 0; probe < 10; probe += 1) {
      const path = probe % 2 === 0 ? '/livez' : '/readyz'
      const asked = performance.now()
      assert.equal((await started.get(path)).status, 200)
      waits.push(performance.now() - asked)
    }
    // The first one loads fetch, and a busy machine makes some slow.
    assert.ok((waits.toSorted((one, other) => one - other)[5] ?? 0) < 100, `${waits.join(', ')} ms`)
    strangers.forEach((socket) => socket.destroy())
  })
}

test('the metrics are rendered once a second, however many ask', async () => {
  let rendered = 0
  const render = async () => ({ contentType: 'text/plain', body: `${(rendered += 1)}` })
  const observe = createHealthServer({ metrics: { render }, readinessChecks: [], livenessChecks: [] })
  const { port } = await observe.listen({ host: '127.0.0.1', port: 0 })
  const scrape = async () => await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  assert.deepEqual(new Set(await Promise.all(Array.from({ length: 30 }, scrape))), new Set(['1']))
  await pause(1_050)
  assert.equal(await scrape(), '2')
  await observe.close()
})
