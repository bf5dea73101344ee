import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { isObject, objectAt, textAt } from '../../server/json.ts'
import { startEmbeddedCluster } from './cluster.ts'
import { conditionFor } from './match-conditions.ts'
import { createClient } from '../kit/client.ts'
import { chartEntries } from '../kit/service/webhook.ts'
import { registerWebhook } from '../kit/service/webhook.ts'
import { createCsr, CSRS, standingOf } from '../kit/kubelet/csr.ts'
import { buildRequest } from '../kit/requests/request.ts'
import { until } from '../kit/until.ts'

const cluster = await startEmbeddedCluster()
after(() => cluster.stop())

test('every matchCondition of the chart is known by its text', () => {
  const expressions = chartEntries()
    .flatMap(({ matchConditions }) =>
      Array.isArray(matchConditions) ? matchConditions.filter(isObject) : [],
    )
    .map((condition) => textAt(condition, 'expression'))
  assert.ok(expressions.length >= 7, `${expressions.length} expressions`)
  for (const expression of expressions) assert.ok(conditionFor(expression), expression)
})

test('a webhook with another matchCondition, a Service or a selector is refused, not ignored', async () => {
  const place = { url: 'https://127.0.0.1:1/validate', caPem: cluster.caPem }
  await assert.rejects(
    registerWebhook(cluster.admin, { ...place, matchCondition: "request.name != 'x'" }),
    /422.*the chart's own expressions only/u,
  )
})

test('what is not embedded is refused', async () => {
  const role = await cluster.adminRequest('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', {})
  assert.equal(role.status, 404)
  const applied = await cluster.admin.apply('/api/v1/nodes/n1?fieldManager=x', { metadata: { name: 'n1' } })
  assert.equal(applied.status, 415)
  const streamed = await cluster.adminRequest('GET', '/api/v1/nodes?watch=true&sendInitialEvents=true')
  assert.equal(streamed.status, 501)
})

test('the signer fails what kube-controller-manager would not sign', async () => {
  const user = 'system:node:signed-1'
  const { request } = buildRequest({
    commonName: user,
    organizations: ['system:masters'],
    dnsNames: ['signed-1'],
  })
  using node = cluster.impersonate({ user, groups: ['system:nodes', 'system:authenticated'] })
  const { body } = await createCsr(node, { request, metadata: { name: 'unsignable' } })
  const condition = { type: 'Approved', status: 'True', reason: 'Tested' }
  const status = { conditions: [condition] }
  await cluster.adminRequest('PUT', `${CSRS}/unsignable/approval`, { ...body, status })
  const standing = await until(async () => {
    const seen = standingOf((await cluster.adminRequest('GET', `${CSRS}/unsignable`)).body)
    return seen.failed && seen
  }, 'the CSR has failed')
  assert.equal(standing.reason, 'SignerValidationFailure')
  assert.equal(standing.certificate, null)
})

test('pages of a list show the cluster as of the first, whatever is made or deleted meanwhile', async () => {
  const maps = '/api/v1/namespaces/kube-public/configmaps'
  for (const name of ['a', 'b', 'c', 'd']) await cluster.adminRequest('POST', maps, { metadata: { name } })
  const first = await cluster.adminRequest('GET', `${maps}?limit=2`)
  await cluster.adminRequest('DELETE', `${maps}/c`)
  await cluster.adminRequest('POST', maps, { metadata: { name: 'bb' } })
  const token = textAt(objectAt(first.body, 'metadata'), 'continue')
  const second = await cluster.adminRequest('GET', `${maps}?limit=2&continue=${token}`)
  const names = [first, second].flatMap(({ body }) =>
    Array.isArray(body['items'])
      ? body['items'].map((item) => textAt(objectAt(item, 'metadata'), 'name'))
      : [],
  )
  assert.deepEqual(names, ['a', 'b', 'c', 'd'])
})

test('a watch with a selector sees an object come and go as its labels change', async () => {
  const path = '/api/v1/nodes?watch=true&labelSelector=role%3Dedge'
  const seen: string[] = []
  const watching = cluster.admin.watch(
    path,
    (object) => {
      seen.push(JSON.stringify(objectAt(object, 'metadata', 'labels')))
      return seen.length === 2
    },
    AbortSignal.timeout(10_000),
  )
  await cluster.adminRequest('POST', '/api/v1/nodes', {
    metadata: { name: 'edge-1', labels: { role: 'core' } },
  })
  const relabel = async (role: string) =>
    await cluster.adminRequest('PATCH', '/api/v1/nodes/edge-1', { metadata: { labels: { role } } })
  await relabel('edge')
  await relabel('core')
  await watching
  assert.deepEqual(seen, ['{"role":"edge"}', '{"role":"edge"}'])
})

test('only an administrator impersonates, and a stranger is not authenticated', async () => {
  const { certPem, keyPem } = await cluster.issue({
    commonName: 'system:node:n9',
    organizations: ['system:nodes'],
  })
  const { url, caPem } = cluster
  using node = createClient(url, { caPem, certPem, keyPem })
  using posing = createClient(url, {
    caPem,
    certPem,
    keyPem,
    impersonate: { user: 'system:node:n8', groups: ['system:nodes'] },
  })
  using stranger = createClient(url, { caPem })
  const statuses: number[] = []
  for (const client of [node, posing, stranger])
    statuses.push((await client.request('GET', '/api/v1/nodes')).status)
  assert.deepEqual(statuses, [200, 403, 401])
})
