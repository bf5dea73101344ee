import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect as connectSocket } from 'node:net'
import path from 'node:path'
import test from 'node:test'
import { FaultyApi } from '../../test/embedded/faulty-api.ts'
import { listen } from '../../test/kit/quiet.ts'
import { type Cluster, connect } from './transport.ts'

const list = { method: 'GET', path: '/api/v1/nodes' } as const

/** A client with a kubeconfig for this user, and with these extra fields for the cluster. */
async function begin(t: test.TestContext, user: (api: FaultyApi) => object, cluster: object = {}) {
  const api = await FaultyApi.start()
  api.collection(list.path).put({ metadata: { name: 'n1' } })
  const kubeconfig = path.join(api.folder, 'kubeconfig')
  const ca = await readFile(path.join(api.folder, 'ca.crt'))
  const place = { server: api.url, 'certificate-authority-data': ca.toString('base64'), ...cluster }
  const content = {
    clusters: [{ name: 'c', cluster: place }],
    users: [{ name: 'u', user: user(api) }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  }
  await writeFile(kubeconfig, JSON.stringify(content))
  const client: Cluster = connect({ env: {}, kubeconfig }, listen().recorder)
  t.after(async () => {
    await client.close()
    await api[Symbol.asyncDispose]()
  })
  return { api, client }
}

test('an exec login is reused until the API server refuses it, then repeated', async (t) => {
  const script = `
    const { appendFileSync, readFileSync } = require('node:fs')
    const [token, runs] = process.argv.slice(1)
    appendFileSync(runs, 'x')
    console.log(JSON.stringify({
      apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential',
      status: { token: readFileSync(token, 'utf8').trim() },
    }))`
  const { api, client } = await begin(t, ({ folder }) => ({
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', script, path.join(folder, 'token'), path.join(folder, 'runs')],
    },
  }))
  assert.equal((await client.call(list)).status, 200)
  assert.equal((await client.call(list)).status, 200)
  api.token = 'second-token'
  await api.writeFiles()
  assert.equal((await client.call(list)).status, 200)
  assert.equal(await readFile(path.join(api.folder, 'runs'), 'utf8'), 'xx')
})

test('a failed login is an answer with status 0 and the cause', async (t) => {
  const { client } = await begin(t, () => ({
    exec: { apiVersion: 'client.authentication.k8s.io/v1', command: '/nonexistent/login' },
  }))
  const answer = await client.call(list)
  assert.equal(answer.ok ? '' : answer.reason, 'Unreachable')
  assert.match(answer.ok ? '' : answer.message, /ENOENT/u)
})

test('calls use the proxy of the kubeconfig, and the API server’s names are still read', async (t) => {
  const tunnels: string[] = []
  const proxy = createServer()
  proxy.on('connect', (request, socket) => {
    tunnels.push(request.url ?? '')
    const [host = '', port = ''] = (request.url ?? '').split(':')
    const far = connectSocket(Number(port), host, () =>
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n'),
    )
    far.pipe(socket).pipe(far)
    far.on('error', () => socket.destroy())
    socket.on('error', () => far.destroy())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.after(() => proxy.close())
  const address = proxy.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const cluster = { 'proxy-url': `http://127.0.0.1:${port}` }
  const { api, client } = await begin(t, ({ token }) => ({ token }), cluster)
  assert.equal((await client.call(list)).status, 200)
  assert.deepEqual([...new Set(tunnels)], [`127.0.0.1:${api.server.port}`])
  assert.deepEqual(client.apiServer().certificateNames, ['kubernetes.default', 'localhost'])
})
