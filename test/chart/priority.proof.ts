/** How API servers classify the requests of the pods when they have to choose. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { objectAt, textAt } from '../../server/json.ts'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { createClient } from '../kit/client.ts'
import { until } from '../kit/until.ts'
import { CHART, FULLNAME, NAMESPACE, outside, RELEASE } from './helm.ts'
import { run } from './lifecycle.ts'
import { tokenOf } from './pod-account.ts'

const SCHEMAS = '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas'
const LEASES = '/apis/coordination.k8s.io/v1/namespaces'
const CSRS = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
/** API servers learn of a FlowSchema by a watch. */
const EFFECT_MS = 10_000

const CONTROLLER = `${FULLNAME}-controller`
const WEBHOOK = `${FULLNAME}-webhook`

let cluster: ControlPlane
before(async () => {
  cluster = await startControlPlane()
  const release = { cluster, name: RELEASE, values: {}, program: 'helm' } as const
  await run(release, 'install', RELEASE, CHART, '--create-namespace')
})
after(() => cluster.stop())

/** The FlowSchema and the priority level of a request of the account, by the headers of its answer. */
async function classOf(account: string, path: string): Promise<string> {
  using client = createClient(cluster.url, { caPem: cluster.caPem, token: await tokenOf(cluster, account) })
  const { headers } = await client.request('GET', path)
  const uid = headers['x-kubernetes-pf-flowschema-uid']
  const { body } = await cluster.adminRequest('GET', SCHEMAS)
  const schemas: readonly object[] = Array.isArray(body['items']) ? body['items'] : []
  const schema = Object(schemas.find((each) => objectAt(Object(each), 'metadata')['uid'] === uid))
  const level = textAt(objectAt(schema, 'spec', 'priorityLevelConfiguration'), 'name')
  return `${textAt(objectAt(schema, 'metadata'), 'name')} ${level}`
}

const requests = {
  'a list of CSRs': [CSRS, `${outside(FULLNAME)} workload-high`],
  'a discovery': ['/apis/networking.k8s.io/v1', `${outside(FULLNAME)} workload-high`],
  'its Lease': [
    `${LEASES}/${NAMESPACE}/leases/${FULLNAME}`,
    `${outside(`${FULLNAME}-lease`)} leader-election`,
  ],
  'the Lease of another': [`${LEASES}/kube-system/leases/other`, `${outside(FULLNAME)} workload-high`],
} as const

for (const [what, [path, wanted]] of Object.entries(requests))
  test(`an API server serves ${what} as ${wanted}`, async () => {
    await until(async () => (await classOf(CONTROLLER, path)) === wanted, wanted, EFFECT_MS, 250)
  })

test('the webhook’s account is served with the controller’s, and has no part in the level of Leases', async () => {
  const classes = [await classOf(WEBHOOK, CSRS), await classOf(WEBHOOK, requests['its Lease'][0])]
  assert.deepEqual(classes, [`${outside(FULLNAME)} workload-high`, `${outside(FULLNAME)} workload-high`])
})

test('requests of another account stay with those of ordinary workloads', async () => {
  assert.equal(await classOf('default', CSRS), 'service-accounts workload-low')
})
