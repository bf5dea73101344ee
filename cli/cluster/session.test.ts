import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { answering, hanging, isList } from '../../test/embedded/faults.ts'
import { FaultyApi } from '../../test/embedded/faulty-api.ts'
import { writeKubeconfig } from '../../test/kit/kubeconfig.ts'
import { EXIT } from '../exit-codes.ts'
import { CONFIG_LABEL, installedPolicy } from './installed.ts'
import { readList } from './read-list.ts'
import { openSession } from './session.ts'

let api: FaultyApi
let kubeconfig: string

before(async () => {
  api = await FaultyApi.start()
  kubeconfig = await api.writeKubeconfig()
})
after(() => api[Symbol.asyncDispose]())

async function configFor(name: string, url: string, token: string): Promise<string> {
  return await writeKubeconfig(path.join(api.folder, name), url, { caPem: api.caPem, token })
}

async function problemWith(options: Parameters<typeof openSession>[0], env = {}): Promise<string> {
  const opened = await openSession(options, env)
  assert.ok(!opened.ok)
  return `${opened.problem.exitCode} ${opened.problem.message}`
}

async function openedSession() {
  const opening = await openSession({ kubeconfig }, {})
  assert.ok(opening.ok, JSON.stringify(opening))
  return opening.session
}

test('a session knows its context, the API server and its version', async () => {
  const { cluster, context, server, version } = await openedSession()
  assert.deepEqual({ context, server, version }, { context: 'cluster', server: api.url, version: 'v1.36.3' })
  await cluster.close()
})

test('without a kubeconfig, the problem says how to name one', async () => {
  assert.equal(
    await problemWith({}, { HOME: '/nowhere' }),
    '2 there is no kubeconfig: pass --kubeconfig FILE or set KUBECONFIG',
  )
})

test('a KUBECONFIG that is not there is named', async () => {
  assert.match(
    await problemWith({}, { KUBECONFIG: '/nowhere/config' }),
    /^2 .*\/nowhere\/config.*no such file/u,
  )
})

test('a kubeconfig that is not there, or is none, is a problem of usage', async () => {
  const missing = path.join(api.folder, 'missing')
  assert.equal(
    await problemWith({ kubeconfig: missing }),
    `2 the kubeconfig ${missing} cannot be read: there is no such file`,
  )
  const broken = path.join(api.folder, 'broken')
  await writeFile(broken, 'clusters: 5\n')
  assert.match(
    await problemWith({ kubeconfig: broken }),
    /^2 the kubeconfig has no cluster for its context /u,
  )
})

test('a context that is not there is named', async () => {
  assert.equal(
    await problemWith({ kubeconfig, context: 'other' }),
    '2 the kubeconfig has no cluster for its context "other"',
  )
})

test('an API server that refuses connections is a problem of the cluster', async () => {
  const closed = await configFor('closed', 'https://127.0.0.1:1', api.token)
  assert.equal(
    await problemWith({ kubeconfig: closed }),
    '3 the API server https://127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1. ' +
      'Check --kubeconfig, --context and the network',
  )
})

test('credentials that are not accepted are a problem of the cluster', async () => {
  const other = await configFor('other-token', api.url, 'wrong')
  assert.equal(
    await problemWith({ kubeconfig: other }),
    `3 the API server ${api.url} does not accept the credentials (401). Log in again, or check --context`,
  )
})

test('a list is read over all its pages, and holds what was selected', async () => {
  const nodes = api.collection('/api/v1/nodes')
  for (let index = 0; index < 501; index += 1) nodes.put({ metadata: { name: `n${index}` } })
  const session = await openedSession()
  const read = await readList(session, {
    title: 'Nodes',
    path: '/api/v1/nodes',
    select: ({ metadata }) => metadata,
  })
  assert.ok(read.ok)
  assert.deepEqual([read.items.length, read.absent, read.unreadable], [501, false, 0])
  await session.cluster.close()
})

test('a list that is not permitted is not visible, with the words of the API server', async () => {
  const session = await openedSession()
  const message = 'nodes is forbidden: User "jane" cannot list resource "nodes"'
  api.plan(answering({ code: 403, reason: 'Forbidden', message }), isList)
  const read = await readList(session, { title: 'Nodes', path: '/api/v1/nodes', select: () => 1 })
  assert.deepEqual(read, {
    ok: false,
    problem: { message: `Nodes not visible (403): ${message}`, exitCode: EXIT.notSeen },
  })
  await session.cluster.close()
})

test('--as and --as-group impersonate in every call, and --request-timeout ends one that is not answered', async () => {
  const flags = { kubeconfig, as: 'jane', asGroup: ['ops', 'sre'], requestTimeout: 300 }
  const opening = await openSession(flags, {})
  assert.ok(opening.ok, JSON.stringify(opening))
  const { cluster } = opening.session
  api.plan(hanging, isList)
  const answer = await cluster.call({ method: 'GET', path: '/api/v1/nodes' })
  assert.deepEqual([answer.status, !answer.ok && answer.message], [0, 'no answer within 300 ms'])
  for (const { headers } of api.heard.slice(-2))
    assert.deepEqual([headers['impersonate-user'], headers['impersonate-group']], ['jane', 'ops, sre'])
  await cluster.close()
})

test('groups without a user are a problem of usage, as for kubectl', async () => {
  assert.equal(await problemWith({ kubeconfig, asGroup: ['ops'] }), '2 --as-group needs --as')
})

test('with --namespace the installed policy is read there; without it, of several none is chosen', async () => {
  const metadata = { labels: { [CONFIG_LABEL]: 'installed' } }
  for (const namespace of ['gate', 'other'])
    for (const at of ['/api/v1/configmaps', `/api/v1/namespaces/${namespace}/configmaps`])
      api
        .collection(at)
        .put({ metadata: { ...metadata, namespace, name: 'c' }, data: { 'config.yaml': namespace } })
  const session = await openedSession()
  const found = await installedPolicy({ ...session, namespace: 'gate' })
  assert.deepEqual(found.ok && found.found, { namespace: 'gate', name: 'c', text: 'gate' })
  const all = await installedPolicy(session)
  assert.match(all.ok ? '' : all.problem.message, /^several policies are installed: .*--namespace$/u)
  await session.cluster.close()
})
