import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import type { Client } from '../kit/client.ts'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { buildRequest } from '../kit/requests/request.ts'
import { until } from '../kit/until.ts'
import { CHART, CONTROLLER, FULLNAME, NAMESPACE, outside, RELEASE, WEBHOOK } from './helm.ts'
import { run } from './lifecycle.ts'
import { listOf, nameOf, textsOf } from './objects.ts'

/** The golden file shows their permissions side by side. */
const pods: readonly { readonly run: string; readonly values: object; readonly account: string }[] = [
  { run: 'split: the webhook', values: {}, account: WEBHOOK },
  { run: 'split: the controller', values: {}, account: CONTROLLER },
  { run: 'single: both', values: { profile: 'hostNetwork' }, account: CONTROLLER },
  { run: 'the webhook, without a controller', values: { controller: { enabled: false } }, account: WEBHOOK },
  { run: 'the controller, without a webhook', values: { webhook: { enabled: false } }, account: CONTROLLER },
]
const namespaces = [NAMESPACE, 'default', 'kube-public', 'kube-system', 'elsewhere']
const GOLDEN = join(import.meta.dirname, 'permissions.golden.txt')
/** API servers see a new role a moment later. */
const IN_EFFECT_MS = 10_000
const CSRS = '/apis/certificates.k8s.io/v1/certificatesigningrequests'

let cluster: ControlPlane
before(async () => {
  cluster = await startControlPlane()
})
after(() => cluster.stop())

/** Installs the chart with these values; returns a client with an account of its pods. */
async function installed(values: object, account: string): Promise<Client> {
  const release = { cluster, name: RELEASE, values, program: 'helm' } as const
  // an upgrade to no values at all would keep those of before
  await run(release, 'upgrade', '--install', RELEASE, CHART, '--create-namespace', '--reset-values')
  return cluster.impersonate({
    user: `system:serviceaccount:${NAMESPACE}:${account}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${NAMESPACE}`, 'system:authenticated'],
  })
}

/** The rules in a namespace, as `kubectl auth can-i --list` asks for them. */
async function rulesIn(namespace: string, client: Client): Promise<readonly string[]> {
  const { status, body } = await client.request(
    'POST',
    '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
    { spec: { namespace } },
  )
  assert.equal(status, 201)
  const { resourceRules = [], nonResourceRules = [] } = objectAt(body, 'status')
  return [...listOf(resourceRules), ...listOf(nonResourceRules)].map(lineOf).toSorted()
}

/** As `kubectl auth can-i`. */
async function may(client: Client, resourceAttributes: JsonObject): Promise<unknown> {
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
  const { status, body } = await client.request('POST', path, { spec: { resourceAttributes } })
  assert.equal(status, 201, textAt(body, 'message'))
  return objectAt(body, 'status')['allowed']
}

function lineOf(rule: JsonObject): string {
  const names = textsOf(rule, 'resourceNames')
  const groups = textsOf(rule, 'apiGroups').map((group) => (group === '' ? '' : `.${group}`))
  const what = [...textsOf(rule, 'resources'), ...textsOf(rule, 'nonResourceURLs')].join(',')
  return `${what}${groups.join(',')}${names.length > 0 ? ` ${names.join(',')}` : ''}: ${textsOf(rule, 'verbs').join(' ')}`
}

test('each kind of pod may do what the golden file lists, and nothing else', async (t) => {
  const sections: string[] = []
  for (const { run: what, values, account } of pods) {
    const client = await installed(values, account)
    const everywhere = await rulesIn('elsewhere', client)
    sections.push(`# ${what}, in the whole cluster`, ...everywhere, '')
    for (const namespace of namespaces) {
      const here = (await rulesIn(namespace, client)).filter((rule) => !everywhere.includes(rule))
      if (here.length > 0) sections.push(`# ${what}, in namespace ${namespace}`, ...here, '')
    }
  }
  t.assert.fileSnapshot(sections.join('\n'), GOLDEN, { serializers: [String] })
})

test('the account of the webhook can create, change and delete nothing', async () => {
  const client = await installed({}, WEBHOOK)
  const isBound = async () => (await may(client, { verb: 'list', group: '', resource: 'nodes' })) === true
  await until(isBound, 'the roles are in effect', IN_EFFECT_MS, 50)
  const secret = { resource: 'secrets', namespace: NAMESPACE, name: `${FULLNAME}-tls` }
  assert.equal(await may(client, { verb: 'get', ...secret }), false)
  const webhook = {
    group: 'admissionregistration.k8s.io',
    resource: 'validatingwebhookconfigurations',
    name: outside(FULLNAME),
  }
  const lease = { group: 'coordination.k8s.io', resource: 'leases', namespace: NAMESPACE, name: FULLNAME }
  const csr = { group: 'certificates.k8s.io', resource: 'certificatesigningrequests', name: 'csr-1' }
  const events = { group: 'events.k8s.io', resource: 'events', namespace: 'default' }
  const approval = { ...csr, subresource: 'approval' }
  const signer = { group: 'certificates.k8s.io', resource: 'signers', name: 'kubernetes.io/kubelet-serving' }
  for (const verb of ['create', 'update', 'patch', 'delete'])
    for (const what of [secret, webhook, lease, csr, events, approval])
      assert.equal(await may(client, { verb, ...what }), false, `${verb} ${what.resource}`)
  assert.equal(await may(client, { verb: 'approve', ...signer }), false)
})

test('a stolen token of the controller makes no Secret and reads no other: no bootstrap token, no token of an account', async () => {
  for (const profile of ['cluster', 'hostNetwork']) {
    const client = await installed({ profile }, CONTROLLER)
    const own = { resource: 'secrets', namespace: NAMESPACE, name: `${FULLNAME}-tls` }
    const ask = { group: '', resource: 'secrets', namespace: NAMESPACE }
    const isBound = async () => (await may(client, { verb: 'update', ...own })) === true
    await until(isBound, 'the roles are in effect', IN_EFFECT_MS, 50)
    assert.equal(await may(client, { verb: 'get', ...own }), true)
    for (const verb of ['patch', 'delete', 'list', 'watch'])
      assert.equal(await may(client, { verb, ...own }), false)
    for (const verb of ['create', 'get', 'update', 'patch', 'delete', 'deletecollection', 'list', 'watch'])
      assert.equal(await may(client, { verb, ...ask, name: 'bootstrap-token-abcdef' }), false, verb)
    const token = {
      resource: 'serviceaccounts',
      subresource: 'token',
      namespace: NAMESPACE,
      name: CONTROLLER,
    }
    assert.equal(await may(client, { verb: 'create', ...token }), false)
    await refuseSecretsOf(client)
  }
})

/** What RBAC leaves of its own Secret: content, which API servers hold to the type that the Secret has. */
async function refuseSecretsOf(client: Client): Promise<void> {
  const secrets = `/api/v1/namespaces/${NAMESPACE}/secrets`
  const metadata = { name: 'bootstrap-token-abcdef' }
  const forged = { metadata, type: 'bootstrap.kubernetes.io/token', stringData: { 'token-id': 'abcdef' } }
  assert.equal((await client.request('POST', secrets, forged)).status, 403)
  const path = `${secrets}/${FULLNAME}-tls`
  const { status, body } = await client.request('GET', path)
  assert.equal(status, 200)
  const annotations = { 'kubernetes.io/service-account.name': CONTROLLER }
  const type = 'kubernetes.io/service-account-token'
  const retyped = { ...body, type, metadata: { ...objectAt(body, 'metadata'), annotations } }
  const answer = await client.request('PUT', path, retyped)
  assert.equal(answer.status, 422)
  assert.match(textAt(answer.body, 'message'), /type: Invalid value: .*field is immutable/u)
}

test('the account may not approve a request of another signer', async () => {
  const client = await installed({}, CONTROLLER)
  const approve = async (signerName: string, usages: readonly string[]): Promise<string> => {
    const created = await cluster.adminRequest('POST', CSRS, {
      metadata: { generateName: 'other-' },
      spec: { request: buildRequest().request, signerName, usages },
    })
    assert.equal(created.status, 201, textAt(created.body, 'message'))
    const conditions = [{ type: 'Approved', status: 'True', reason: 'Test' }]
    const path = `${CSRS}/${nameOf(created.body)}/approval`
    const { status, body } = await client.request('PATCH', path, { status: { conditions } })
    return status === 200 ? 'approved' : `${status} ${textAt(body, 'message').replace(/"load-\w+"/, '')}`
  }
  assert.equal(
    await approve('kubernetes.io/kubelet-serving', ['digital signature', 'server auth']),
    'approved',
  )
  assert.match(
    await approve('kubernetes.io/kube-apiserver-client', ['client auth']),
    /^403 .*user not permitted to approve requests with signerName "kubernetes.io\/kube-apiserver-client"/,
  )
})
