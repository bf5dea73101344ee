import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import type { Client } from '../kit/client.ts'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { buildRequest } from '../kit/requests/request.ts'
import { CHART, FULLNAME, NAMESPACE, RELEASE } from './helm.ts'
import { run } from './lifecycle.ts'
import { listOf, nameOf, textsOf } from './objects.ts'

/** The golden file shows their permissions side by side. */
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

/** Installs the chart with these values; returns a client with the account of the pods. */
async function account(values: object): Promise<Client> {
  const release = { cluster, name: RELEASE, values, program: 'helm' } as const
  await run(release, 'upgrade', '--install', RELEASE, CHART, '--create-namespace')
  return cluster.impersonate({
    user: `system:serviceaccount:${NAMESPACE}:${FULLNAME}`,
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

function lineOf(rule: JsonObject): string {
  const names = textsOf(rule, 'resourceNames')
  const groups = textsOf(rule, 'apiGroups').map((group) => (group === '' ? '' : `.${group}`))
  const what = [...textsOf(rule, 'resources'), ...textsOf(rule, 'nonResourceURLs')].join(',')
  return `${what}${groups.join(',')}${names.length > 0 ? ` ${names.join(',')}` : ''}: ${textsOf(rule, 'verbs').join(' ')}`
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
