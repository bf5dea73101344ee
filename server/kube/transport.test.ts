import assert from 'node:assert/strict'
import test from 'node:test'
import { answering, hanging, isList, resetting } from '../../test/embedded/faults.ts'
import { FaultyApi } from '../../test/embedded/faulty-api.ts'
import { listen } from '../../test/kit/quiet.ts'
import { until } from '../../test/kit/until.ts'
import { connect, type Cluster } from './transport.ts'

const NODES = '/api/v1/nodes'
const list = { method: 'GET', path: NODES } as const

async function begin(
  t: test.TestContext,
): Promise<{ api: FaultyApi; cluster: Cluster; counted: Map<string, number> }> {
  const api = await FaultyApi.start()
  api.collection(NODES).put({ metadata: { name: 'n1' } })
  const { recorder, counted } = listen()
  const cluster = connect({ env: api.env, serviceAccount: api.serviceAccount }, recorder)
  t.after(async () => {
    await cluster.close()
    await api[Symbol.asyncDispose]()
  })
  return { api, cluster, counted }
}

test('a pod uses its service account token without the newline at its end', async (t) => {
  const { api, cluster, counted } = await begin(t)
  const answer = await cluster.call(list)
  assert.equal(answer.status, 200)
  assert.equal(api.heard[0]?.headers.authorization, 'Bearer first-token')
  assert.equal(api.heard[0]?.headers['user-agent'], 'kubelet-csr-gate')
  assert.deepEqual([...counted], [['GET 200', 1]])
})

test('consecutive calls share connections', async (t) => {
  const { api, cluster } = await begin(t)
  for (let call = 0; call < 20; call += 1) await cluster.call(list)
  assert.ok(api.server.connections <= 2, `${api.server.connections} connections for 20 calls`)
})

test('a rotated token is read again when the old one is refused, and the call succeeds', async (t) => {
  const { api, cluster } = await begin(t)
  await cluster.call(list)
  api.token = 'second-token'
  await api.writeFiles()
  const answers = await Promise.all([1, 2, 3, 4].map(async () => await cluster.call(list)))
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 200],
  )
})

test('a refused token without a newer one is not sent twice', async (t) => {
  const { api, cluster } = await begin(t)
  api.token = 'another'
  const answer = await cluster.call(list)
  assert.deepEqual(answer, {
    ok: false,
    status: 401,
    reason: 'Unauthorized',
    message: 'Unauthorized',
    retryAfterMs: null,
  })
  assert.equal(api.heard.length, 1)
})

test('a rotated CA is read from its file and replaces the old one', async (t) => {
  const { api, cluster } = await begin(t)
  await cluster.call(list)
  await api.rotateAuthority(['kubernetes.second'], ['198.51.100.10', 'fd00::1'])
  const before = await cluster.call(list)
  assert.equal(before.status, 0)
  assert.equal(before.ok ? '' : before.reason, 'Unreachable')
  await api.writeFiles()
  await until(async () => (await cluster.call(list)).status === 200, 'the new CA is read', 2_000)
})

test('the Retry-After of a 503 pauses every call, but for no longer than 10 s', async (t) => {
  const { api, cluster } = await begin(t)
  api.plan(answering({ code: 503, reason: 'ServiceUnavailable', message: '' }, { 'retry-after': '300' }))
  await cluster.call(list)
  assert.equal(cluster.isPaused(), true)
  const early = await cluster.call(list)
  assert.equal(early.ok ? '' : early.message, 'the API server asked to wait for 10 s more')
  assert.equal(api.heard.length, 1)
})

test('the API server’s names are those of all certificates that were seen', async (t) => {
  const { api, cluster } = await begin(t)
  assert.deepEqual(cluster.apiServer(), { host: '127.0.0.1', certificateNames: [], certificateAddresses: [] })
  await cluster.call(list)
  await api.rotateAuthority(['Kubernetes.Second'], ['fd00::1'])
  await api.writeFiles()
  await until(async () => (await cluster.call(list)).status === 200, 'the new CA is read', 2_000)
  assert.deepEqual(cluster.apiServer(), {
    host: '127.0.0.1',
    certificateNames: ['kubernetes.default', 'localhost', 'kubernetes.second'],
    certificateAddresses: ['127.0.0.1', '10.96.0.1', 'fd00:0:0:0:0:0:0:1'],
  })
})

test('the names of a certificate that cannot be verified are ignored', async (t) => {
  const { api, cluster } = await begin(t)
  await api.serveAs(['attacker.example'], ['192.0.2.1']) // signed by our CA, but not for the host that is called
  assert.equal((await cluster.call(list)).status, 0)
  await api.rotateAuthority(['attacker.example'])
  assert.equal((await cluster.call(list)).status, 0)
  assert.deepEqual(cluster.apiServer().certificateNames, [])
})

test('a 429 answer includes the Retry-After time', async (t) => {
  const { api, cluster } = await begin(t)
  api.plan(answering({ code: 429, reason: 'TooManyRequests', message: 'slow down' }, { 'retry-after': '7' }))
  assert.deepEqual(await cluster.call(list), {
    ok: false,
    status: 429,
    reason: 'TooManyRequests',
    message: 'slow down',
    retryAfterMs: 7_000,
  })
})

test('a proxy’s HTML page has the reason Unreadable, and is not quoted', async (t) => {
  const { api, cluster } = await begin(t)
  api.plan((_request, response) => {
    response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>')
  })
  assert.deepEqual(await cluster.call(list), {
    ok: false,
    status: 502,
    reason: 'Unreadable',
    message: 'HTTP 502 with 20 bytes of text/html that is not a Kubernetes object',
    retryAfterMs: null,
  })
})

test('a 200 answer without an object has the reason Unreadable', async (t) => {
  const { api, cluster } = await begin(t)
  for (const body of ['null', '[]', '"yes"', '{"kind":', '']) {
    api.plan((_request, response) => response.writeHead(200).end(body))
    const answer = await cluster.call(list)
    assert.equal(answer.ok, false, body)
    assert.equal(answer.ok ? '' : answer.reason, 'Unreadable', body)
  }
})

test('a call without an answer times out', async (t) => {
  const { api, cluster, counted } = await begin(t)
  api.plan(hanging)
  const begun = performance.now()
  const answer = await cluster.call({ ...list, timeoutMs: 200 })
  assert.equal(answer.ok ? '' : answer.reason, 'TimedOut')
  assert.ok(performance.now() - begun < 1_500)
  assert.equal(counted.get('GET <error>'), 1)
})

test('a call without an answer closes the idle connections and the watches that were opened before it', async (t) => {
  const { api, cluster } = await begin(t)
  const { signal } = new AbortController()
  const watch = async () => {
    const opened = await cluster.open({ path: `${NODES}?watch=true&resourceVersion=1`, signal })
    assert.ok(opened.ok)
    return opened.body.on('error', () => undefined)
  }
  const before = await watch()
  api.plan(hanging)
  const call = cluster.call({ ...list, timeoutMs: 200 })
  await until(() => api.heard.length === 2, 'the call is sent')
  const later = await watch()
  await call
  assert.deepEqual([before.destroyed, later.destroyed], [true, false])
  later.destroy()
})

test('a call whose body stops half-way times out', async (t) => {
  const { api, cluster } = await begin(t)
  api.plan((_request, response) => void response.writeHead(200).write('{"kind":"List",'))
  const answer = await cluster.call({ ...list, timeoutMs: 200 })
  assert.equal(answer.ok ? '' : answer.reason, 'TimedOut')
})

test('a reset connection and a closed port give answers with status 0', async (t) => {
  const { api, cluster } = await begin(t)
  api.plan(resetting)
  assert.equal((await cluster.call(list)).status, 0)
  await api.goAway()
  const answer = await cluster.call(list)
  assert.match(answer.ok ? '' : answer.message, /^connect ECONNREFUSED 127\.0\.0\.1:\d+$/u)
})

test('an answer larger than 1 MiB is not read to its end', async (t) => {
  const { api, cluster } = await begin(t)
  let written = 0
  api.plan((_request, response) => {
    response.writeHead(200)
    const chunk = Buffer.alloc(1_048_576, 0x20)
    const write = (): void => {
      while (written < 256 && !response.destroyed) {
        written += 1
        if (!response.write(chunk)) return void response.once('drain', write)
      }
      response.end('{}')
    }
    write()
  })
  const answer = await cluster.call(list)
  assert.equal(answer.ok ? '' : answer.reason, 'TooLarge')
  assert.ok(written < 100, `${written} MiB were sent`)
})

test('a call can be aborted by its caller', async (t) => {
  const { api, cluster } = await begin(t)
  api.plan(hanging)
  const answer = await cluster.call({ ...list, signal: AbortSignal.timeout(50) })
  assert.equal(answer.status, 0)
})

test('a call is not sent if maySend is false when the connection is ready', async (t) => {
  const { api, cluster } = await begin(t)
  let asked = 0
  const maySend = (): boolean => {
    asked += 1
    return api.server.connections > 0 ? asked > 1 : assert.fail('called before the connection is ready')
  }
  const withheld = await cluster.call({ ...list, maySend })
  assert.deepEqual([withheld.status, withheld.ok ? '' : withheld.reason], [0, 'Withheld'])
  assert.deepEqual(api.heard, [])
  assert.equal((await cluster.call({ ...list, maySend })).status, 200)
})

test('a body is sent as JSON with its content type, and all fields of the answer are returned', async (t) => {
  const { api, cluster } = await begin(t)
  const status = { images: [{ names: ['ü'], sizeBytes: 1 }], declaredFeatures: ['one'] }
  const object = { metadata: { name: 'n2' }, status }
  const answer = await cluster.call({ method: 'POST', path: NODES, body: object })
  assert.deepEqual(answer.ok && answer.object['status'], status)
  assert.equal(api.heard.at(-1)?.headers['content-type'], 'application/json')
})

test('the server’s clock is estimated from its answers', async (t) => {
  const { api, cluster } = await begin(t)
  const date = new Date(Date.now() + 3 * 3_600_000).toUTCString()
  api.plan(answering({ code: 429, reason: 'TooManyRequests', message: '' }, { date }), isList)
  await cluster.call(list)
  const off = cluster.clock.serverNow() - Date.parse(date)
  assert.ok(off > -100 && off < 1_500, `${off} ms off`)
})

test('after a 429 no call is sent before Retry-After is over, except one that is urgent', async (t) => {
  const { api, cluster, counted } = await begin(t)
  api.plan(answering({ code: 429, reason: 'TooManyRequests', message: 'busy' }, { 'retry-after': '1' }))
  await cluster.call(list)
  const early = await cluster.call(list)
  assert.deepEqual(
    [early.status, early.ok ? '' : early.message],
    [429, 'the API server asked to wait for 1 s more'],
  )
  const opened = await cluster.open({ path: NODES, signal: AbortSignal.timeout(5_000) })
  assert.equal(opened.status, 429)
  assert.equal(api.heard.length, 1)
  assert.deepEqual([...counted], [['GET 429', 1]])
  assert.equal((await cluster.call({ ...list, urgent: true })).status, 200)
  await until(async () => (await cluster.call(list)).status === 200, 'the time is over', 2_000)
})
