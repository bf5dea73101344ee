import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { objectAt, textAt } from '../../server/json.ts'
import { CONTROLLER, FULLNAME, NAMESPACE } from '../chart/helm.ts'
import { listOf, named } from '../chart/objects.ts'
import { type Pod, startPod } from '../chart/pods.ts'
import { startControlPlane } from '../control-plane/control-plane.ts'
import { CSRS } from '../kit/kubelet/csr.ts'
import { untilReady } from '../kit/ready.ts'
import { until } from '../kit/until.ts'
import { GitopsController } from './controller.ts'
import { desired } from './desired.ts'
import { certifyNode } from './nodes.ts'

const NAMESPACES = [NAMESPACE, 'other-system']
const READY_MS = 60_000
/** The pods dial no address that a made-up node reports. */
const values = { policy: { proof: { addresses: 'off' } } }

test('two releases of one name each have a leader, approve each CSR once, and drift as little as one', async () => {
  await using cluster = await startControlPlane()
  await using pods = new AsyncDisposableStack()
  const releases = []
  for (const namespace of NAMESPACES) {
    await cluster.adminRequest('POST', '/api/v1/namespaces', { metadata: { name: namespace } })
    const objects = await desired({ values, minor: cluster.minor, namespace })
    const gitops = new GitopsController(cluster, 'argocd-controller')
    assert.deepEqual(await gitops.sync(objects), [])
    const pod: Pod = pods.use(await startPod(cluster, named(objects, 'Deployment', CONTROLLER)))
    await untilReady(pod.child, `${pod.metricsUrl}/readyz`, READY_MS)
    releases.push({ namespace, objects, gitops, pod })
  }
  for (const { namespace, pod } of releases) {
    const lease = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${FULLNAME}`
    const holder = async () =>
      textAt(objectAt((await cluster.adminRequest('GET', lease)).body, 'spec'), 'holderIdentity')
    await until(async () => (await holder()).startsWith(pod.name), `${pod.name} leads`, READY_MS, 100)
  }
  for (let node = 0; node < 5; node++) {
    const { csr } = await certifyNode(cluster, NAMESPACES)
    const { body } = await cluster.adminRequest('GET', `${CSRS}/${csr}`)
    const types = listOf(objectAt(body, 'status')['conditions']).map(({ type }) => type)
    assert.deepEqual(types, ['Approved'])
  }
  for (const { objects, gitops, pod } of releases) {
    assert.deepEqual(await gitops.drift(objects), [])
    const log = await readFile(join(cluster.directory, `${pod.name}.log`), 'utf8')
    assert.doesNotMatch(log, /"level":"?(error|50)/)
  }
})
