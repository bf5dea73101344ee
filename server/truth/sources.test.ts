import assert from 'node:assert/strict'
import test from 'node:test'
import { FaultyApi } from '../../test/embedded/faulty-api.ts'
import { listen } from '../../test/kit/quiet.ts'
import { until } from '../../test/kit/until.ts'
import { connect } from '../kube/transport.ts'
import { parseConfig } from '../config-file.ts'
import { createSources } from './sources.ts'

const asked = {
  node: { name: 'worker-1' },
  names: ['worker-1'],
  addresses: ['0a000001'],
}
const CLUSTER_API = 'clusterApi: {cluster: prod, namespace: ns}'

function machine(status: object) {
  return {
    metadata: { name: 'm', namespace: 'ns' },
    spec: { clusterName: 'prod', providerID: 'test://1' },
    status: {
      nodeRef: { name: 'worker-1' },
      addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
      ...status,
    },
  }
}
const beta1 = machine({ infrastructureReady: true })
const beta2 = machine({ initialization: { infrastructureProvisioned: true } })

async function begin(t: test.TestContext, sources: string, prepare: (api: FaultyApi) => void) {
  const loaded = await parseConfig(`namespace: ns\nsources: {${sources}}`, 'config.yaml')
  assert.ok(loaded.ok)
  const api = await FaultyApi.start()
  prepare(api)
  const { log, recorder } = listen()
  const cluster = connect({ env: api.env, serviceAccount: api.serviceAccount }, recorder)
  const truth = createSources({
    config: loaded.config,
    cluster,
    managementCluster: null,
    resolver: { lookUp: async () => undefined, answer: () => undefined },
    log,
    recorder: { ...recorder, inventoryReloaded: () => undefined },
  })
  let changes = 0
  truth.subscribe(() => (changes += 1))
  truth.start()
  t.after(async () => {
    await truth.stop()
    await cluster.close()
    await api[Symbol.asyncDispose]()
  })
  const said = () => truth.vouched(asked).map(({ vouches }) => vouches)[0]
  const addresses = () => {
    const vouches = said()
    return vouches?.known === true ? vouches.value.addresses : vouches?.because
  }
  return { api, addresses, changes: () => changes, truth }
}

for (const [version, object] of [
  ['v1beta1', beta1],
  ['v1beta2', beta2],
] as const) {
  test(`Machines are read in ${version} where the server has no other version`, async (t) => {
    const path = `/apis/cluster.x-k8s.io/${version}/namespaces/ns/machines`
    const { addresses, api, changes } = await begin(t, CLUSTER_API, (server) => {
      server.collection(path).put(object)
    })
    await until(() => addresses()?.[0] === '0a000001')
    const before = changes()
    api.collection(path).put(object)
    api.collection(path).put(machine({ ...object.status, addresses: [] }))
    await until(() => addresses()?.length === 0)
    assert.equal(changes(), before + 1, 'a change that changes nothing is none')
  })
}

test('of two versions that the server has the newer is read', async (t) => {
  const { addresses, api } = await begin(t, CLUSTER_API, (server) => {
    server.collection('/apis/cluster.x-k8s.io/v1beta1/namespaces/ns/machines')
    server.collection('/apis/cluster.x-k8s.io/v1beta2/namespaces/ns/machines').put(beta2)
  })
  await until(() => addresses()?.[0] === '0a000001')
  assert.deepEqual(
    api.heard.filter(({ url }) => url.includes('v1beta1')),
    [],
  )
})

test('a server without Cluster API makes the answer unknown, not empty', async (t) => {
  const { addresses } = await begin(t, CLUSTER_API, () => undefined)
  await until(() => String(addresses()).includes('404'))
  assert.match(String(addresses()), /^the list of Machines has not been read yet: 404/u)
})

test('the older version is read only if discovery itself says that there is no newer one', async (t) => {
  const { api } = await begin(t, CLUSTER_API, (server) => {
    server.collection('/apis/cluster.x-k8s.io/v1beta1/namespaces/ns/machines').put(beta1)
    server.plan(
      (_request, response) => void response.writeHead(200).end('{"versions":[]}'),
      ({ url }) => url === '/apis/cluster.x-k8s.io',
      1_000,
    )
  })
  const discoveries = () => api.heard.filter(({ url }) => url === '/apis/cluster.x-k8s.io').length
  await until(() => discoveries() >= 2)
  assert.ok(!api.heard.some(({ url }) => url.includes('v1beta1')))
})

test('Machines of OpenShift are read in their own API', async (t) => {
  const { addresses } = await begin(t, 'clusterApi: {openshiftNamespace: ns}', (server) => {
    const collection = server.collection('/apis/machine.openshift.io/v1beta1/namespaces/ns/machines')
    collection.put(machine({ phase: 'Running' }))
  })
  await until(() => addresses()?.[0] === '0a000001')
})

test('an inventory in two ConfigMaps is one, and follows both', async (t) => {
  const path = '/api/v1/namespaces/ns/configmaps'
  const configMap = (name: string, text: string) => ({
    metadata: { name, namespace: 'ns' },
    data: { 'inventory.yaml': text },
  })
  const { addresses, api, changes } = await begin(t, 'inventory: {configMaps: [one, two]}', (server) => {
    server.collection(path).put(configMap('one', '- node: worker-2\n'))
    server.collection(path).put(configMap('two', '- node: worker-1\n  addresses: [10.0.0.1]\n'))
  })
  await until(() => addresses()?.[0] === '0a000001')
  const before = changes()
  api.collection(path).put(configMap('two', '- node: worker-1\n'))
  await until(() => addresses()?.length === 0)
  assert.equal(changes(), before + 1)
})
