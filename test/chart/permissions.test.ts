import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { objectAt, textAt } from '../../server/json.ts'
import type { Json, JsonObject } from '../../server/ports.ts'
import type { Client } from '../kit/client.ts'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { buildRequest } from '../kit/requests/request.ts'
import { CHART, FULLNAME, helm, NAMESPACE } from './helm.ts'

/** What differs from one kind of installation to the next is seen side by side in the golden file. */
const profiles = {
  'webhook and controller': {},
  'webhook alone': { controller: { enabled: false } },
  'controller alone': { webhook: { enabled: false } },
}
const namespaces = [NAMESPACE, 'default', 'kube-public', 'kube-system', 'elsewhere']
const GOLDEN = join(import.meta.dirname, 'permissions.golden.txt')
const CSRS = '/apis/certificates.k8s.io/v1/certificatesigningrequests'

let cluster: ControlPlane
before(async () => {
  cluster = await startControlPlane()
})
after(() => cluster.stop())

/** Installs a profile as a release of its own name; the account that its pods run as. */
async function account(values: object): Promise<Client> {
  const { ok, output } = await helm(
    ['upgrade', '--install', 'webhook', CHART, '--create-namespace', '--namespace', NAMESPACE],
    { kubeconfig: cluster.adminKubeconfig, values },
  )
  assert.ok(ok, output)
  return cluster.impersonate({
    user: `system:serviceaccount:${NAMESPACE}:${FULLNAME}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${NAMESPACE}`, 'system:authenticated'],
  })
}

/** What `kubectl auth can-i --list` asks: every rule that holds in a namespace, one a line. */
async function rulesIn(namespace: string, client: Client): Promise<readonly string[]> {
  const { status, body } = await client.request(
    'POST',
    '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
    { spec: { namespace } },
  )
  assert.equal(status, 201)
  const { resourceRules = [], nonResourceRules = [] } = objectAt(body, 'status')
  return [...list(resourceRules), ...list(nonResourceRules)].map(lineOf).toSorted()
}

function lineOf(rule: JsonObject): string {
  const names = texts(rule, 'resourceNames')
  const groups = texts(rule, 'apiGroups').map((group) => (group === '' ? '' : `.${group}`))
  const what = [...texts(rule, 'resources'), ...texts(rule, 'nonResourceURLs')].join(',')
  return `${what}${groups.join(',')}${names.length > 0 ? ` ${names.join(',')}` : ''}: ${texts(rule, 'verbs').join(' ')}`
}

function list(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.map((one: Json) => objectAt(one)) : []
}

function texts(rule: JsonObject, key: string): readonly string[] {
  const value = rule[key]
  return Array.isArray(value) ? value.map(String) : []
}

test('each kind of installation may do what the golden file lists, and nothing else', async (t) => {
  const sections: string[] = []
  for (const [profile, values] of Object.entries(profiles)) {
    const client = await account(values)
    const everywhere = await rulesIn('elsewhere', client)
    sections.push(`# ${profile}, in the whole cluster`, ...everywhere, '')
    for (const namespace of namespaces) {
      const here = (await rulesIn(namespace, client)).filter((rule) => !everywhere.includes(rule))
      if (here.length > 0) sections.push(`# ${profile}, in namespace ${namespace}`, ...here, '')
    }
  }
  t.assert.fileSnapshot(sections.join('\n'), GOLDEN, { serializers: [String] })
})

test('the account may not approve a request of another signer', async () => {
  const client = await account({})
  const approve = async (signerName: string, usages: readonly string[]): Promise<string> => {
    const created = await cluster.adminRequest('POST', CSRS, {
      metadata: { generateName: 'other-' },
      spec: { request: buildRequest().request, signerName, usages },
    })
    assert.equal(created.status, 201, textAt(created.body, 'message'))
    const conditions = [{ type: 'Approved', status: 'True', reason: 'Test' }]
    const path = `${CSRS}/${textAt(objectAt(created.body, 'metadata'), 'name')}/approval`
    const { status, body } = await client.request('PUT', path, { ...created.body, status: { conditions } })
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
