/** The bootstrap guard, as the chart registers it, beside the approver of kube-controller-manager. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { objectAt, textAt } from '../server/json.ts'
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts'
import type { Answer } from './kit/client.ts'
import { CSRS, csrObject, metadataOf, standingOf } from './kit/kubelet/csr.ts'
import { freshKeys } from './kit/requests/keys.ts'
import { buildRequest } from './kit/requests/request.ts'
import { startService } from './kit/service/service.ts'
import { untilInEffect } from './kit/service/webhook.ts'
import { until } from './kit/until.ts'
import { registerEntry } from './kit/service/webhook.ts'

const APPROVAL_MS = 20_000
const TOKEN = ['system:bootstrappers', 'system:bootstrappers:kubeadm:default-node-token'] as const
const BINDINGS = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings'
const cleanUp = new AsyncDisposableStack()
let cluster: ControlPlane

before(async () => {
  cluster = cleanUp.use(await startControlPlane())
  // as kubeadm does for its tokens, and for renewals
  const approve = 'system:certificates.k8s.io:certificatesigningrequests'
  for (const [role, group] of [
    ['system:node-bootstrapper', TOKEN[1]],
    [`${approve}:nodeclient`, TOKEN[1]],
    [`${approve}:selfnodeclient`, 'system:nodes'],
  ] as const) {
    const binding = {
      metadata: { name: `test-${role.split(':').at(-1)}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'Group', name: group, apiGroup: 'rbac.authorization.k8s.io' }],
    }
    assert.equal((await cluster.adminRequest('POST', BINDINGS, binding)).status, 201)
  }
  await cluster.adminRequest('POST', '/api/v1/nodes', { metadata: { name: 'cp-1' } })
})
after(() => cleanUp.disposeAsync())

/** Asks for the client certificate of a node, as `kubeadm join` and a kubelet do. */
async function join(
  node: string,
  groups: readonly string[] = TOKEN,
  query = '',
  user = 'system:bootstrap:a1b2c3',
): Promise<Answer> {
  const key = freshKeys('P-256')
  const { request } = buildRequest({ commonName: `system:node:${node}`, attributes: [], key })
  const object = csrObject({ request, usages: ['digital signature', 'client auth'] })
  const signerName = 'kubernetes.io/kube-apiserver-client-kubelet'
  const client = cluster.impersonate({ user, groups: [...groups, 'system:authenticated'] })
  return await client.request('POST', CSRS + query, {
    ...object,
    spec: { ...objectAt(object, 'spec'), signerName },
  })
}

async function untilIssued({ status, body }: Answer): Promise<void> {
  assert.equal(status, 201, JSON.stringify(body))
  const path = `${CSRS}/${metadataOf(body).name}`
  const issued = async () => standingOf((await cluster.adminRequest('GET', path)).body).certificate
  assert.ok(await until(issued, 'kube-controller-manager issues the certificate', APPROVAL_MS))
}

test('without the guard, a bootstrap token becomes a node that exists', async () => {
  await untilIssued(await join('cp-1'))
})

test('with the guard it does not, and the message says what an operator can do', async () => {
  const service = cleanUp.use(await startService(cluster, { controller: false }))
  const entry = 'bootstrap-guard.kubelet-csr-gate.io'
  await registerEntry(cluster, entry, service.webhookUrl)
  await untilInEffect(async () => (await join('cp-1', TOKEN, '?dryRun=All')).status === 403)
  const { status, body } = await join('cp-1')
  assert.equal(status, 403)
  assert.equal(
    textAt(body, 'message'),
    `admission webhook "${entry}" denied the request: NodeExists: the Node cp-1 exists, and a bootstrap token cannot obtain its ` +
      'client certificate. To install the machine again, delete the Node, or use a token with the group ' +
      'system:bootstrappers:rejoin:cp-1',
  )
})

test('a new node joins, and a node renews its own certificate', async () => {
  await untilIssued(await join('worker-1'))
  await untilIssued(await join('cp-1', ['system:nodes'], '', 'system:node:cp-1'))
})

test('a token for that Node joins it again', async () => {
  await untilIssued(await join('cp-1', [...TOKEN, 'system:bootstrappers:rejoin:cp-1']))
})

test('a node joins again after its Node was deleted', async () => {
  assert.equal((await cluster.adminRequest('DELETE', '/api/v1/nodes/cp-1')).status, 200)
  await untilInEffect(async () => (await join('cp-1', TOKEN, '?dryRun=All')).status === 201)
  await untilIssued(await join('cp-1'))
})
