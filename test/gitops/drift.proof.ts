import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { objectAt } from '../../server/json.ts'
import { definitionsMissing, installDefinitions } from '../chart/definitions.ts'
import { CONTROLLER, NAMESPACE } from '../chart/helm.ts'
import { containerOf, listOf, named, only } from '../chart/objects.ts'
import { writeAsPods } from '../chart/pods-writes.ts'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { GitopsController, MANAGERS } from './controller.ts'
import { desired } from './desired.ts'
import { subjects } from './profiles.ts'

/** Profiles with objects of cert-manager or of the Prometheus operator. */
const NEEDS_DEFINITIONS = /cert-manager|monitor|own-ca/
const withoutDefinitions = await definitionsMissing()
let cluster: ControlPlane

before(async () => {
  cluster = await startControlPlane()
  // `prod` has the Machines of the profile `sources`
  for (const name of [NAMESPACE, 'prod'])
    await cluster.adminRequest('POST', '/api/v1/namespaces', { metadata: { name } })
  if (withoutDefinitions === false) await installDefinitions(cluster)
})
after(() => cluster.stop())

for (const { name, values } of await subjects())
  test(`${name}: once the pods have written, a second sync would change nothing, whoever syncs`, {
    skip: NEEDS_DEFINITIONS.test(name) && withoutDefinitions,
  }, async () => {
    const objects = await desired({ values, minor: cluster.minor })
    for (const manager of MANAGERS) {
      const gitops = new GitopsController(cluster, manager)
      const conflicts = await gitops.sync(objects)
      await writeAsPods(cluster, objects)
      const found = [...conflicts, ...(await gitops.drift(objects))]
      await gitops.prune()
      assert.deepEqual(found, [], manager)
    }
  })

test('drift is found: a scaled Deployment, a rendered caBundle, quantities and defaults that are stored otherwise', async () => {
  const gitops = new GitopsController(cluster, 'argocd-controller')
  const objects = await desired({ values: {}, minor: cluster.minor })
  assert.deepEqual(await gitops.sync(objects), [])
  await writeAsPods(cluster, objects)

  const controller = named(objects, 'Deployment', CONTROLLER)
  const scale = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${CONTROLLER}/scale`
  const scaleTo = (replicas: number) =>
    cluster.adminRequest('PATCH', `${scale}?fieldManager=kubectl`, { spec: { replicas } })
  await scaleTo(3)
  const conflict =
    'Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas'
  assert.deepEqual(await gitops.drift([controller]), [
    `Deployment ${CONTROLLER}: a sync would change 409 ${conflict}`,
    `Deployment ${CONTROLLER}: is stored otherwise: spec.replicas: 1 → 3`,
  ])
  await scaleTo(1)

  const container = containerOf(controller)
  const otherwise = async (changed: object) => {
    const spec = structuredClone(objectAt(controller, 'spec'))
    Object.assign(objectAt(spec, 'template', 'spec'), changed)
    const lines = await gitops.drift([{ ...controller, spec }])
    return lines
      .filter((line) => line.includes('stored otherwise'))
      .map((line) => line.replace(/^.*spec\./, ''))
  }
  const resources = { requests: { cpu: '0.05', memory: '96Mi' }, limits: { memory: '192Mi' } }
  assert.deepEqual(await otherwise({ containers: [{ ...container, resources }] }), [
    'containers[0].resources.requests.cpu: "0.05" → "50m"',
  ])
  assert.deepEqual(await otherwise({ hostNetwork: false }), ['hostNetwork: false → absent'])

  const webhook = only(objects, 'ValidatingWebhookConfiguration')
  const webhooks = listOf(webhook['webhooks']).map((entry) => ({
    ...entry,
    clientConfig: { ...objectAt(entry, 'clientConfig'), caBundle: '' },
  }))
  const [fault = ''] = await gitops.drift([{ ...webhook, webhooks }])
  assert.match(fault, /409 .*conflict with "kubelet-csr-gate".*caBundle/s)
  await gitops.prune()
})
