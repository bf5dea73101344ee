/** What the chart says of its pods, and of every object. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { FLUSH_MS, STOP_WITHIN_MS } from '../../cli/shutdown.ts'
import { objectAt, textAt } from '../../server/json.ts'
import { REPORTED_MS, STALL_MS } from '../../server/health/loop-watch.ts'
import type { JsonObject } from '../../server/ports.ts'
import { configOf } from './config.ts'
import { CONTROLLER, FULLNAME, render } from './helm.ts'
import { called, containerOf, listOf, named, nameOf, podSpecOf, workloadsIn } from './objects.ts'

test('a process that has to end does so before its pod is killed, and kubectl describe tells why', async () => {
  const objects = await render({ drainSeconds: 18 })
  assert.equal((await configOf(objects)).config.drainSeconds, 18)
  for (const name of [FULLNAME, CONTROLLER]) {
    const deployment = named(objects, 'Deployment', name)
    const [spec, container] = [podSpecOf(deployment), containerOf(deployment)]
    assert.ok(Number(spec['terminationGracePeriodSeconds']) * 1_000 > 18_000 + STOP_WITHIN_MS + FLUSH_MS)
    assert.equal(container['terminationMessagePolicy'], 'FallbackToLogsOnError')
  }
})

test('liveness gives up after three probes, as long as the event loop may stand', async () => {
  const objects = await render()
  for (const name of [FULLNAME, CONTROLLER]) {
    const container = containerOf(named(objects, 'Deployment', name))
    const { periodSeconds, failureThreshold } = objectAt(container, 'livenessProbe')
    assert.equal(Number(periodSeconds) * Number(failureThreshold) * 1_000, STALL_MS)
    assert.equal(Number(periodSeconds) * 1_000, REPORTED_MS)
  }
})

test('pods of a Deployment prefer different nodes, whatever affinity is asked for', async () => {
  const affinityOf = async (values: object): Promise<JsonObject> =>
    objectAt(podSpecOf(named(await render(values), 'Deployment', FULLNAME)), 'affinity')
  assert.deepEqual(Object.keys(await affinityOf({})), ['nodeAffinity', 'podAntiAffinity'])
  const podAntiAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }] }
  const merged = objectAt(await affinityOf({ affinity: { podAntiAffinity } }), 'podAntiAffinity')
  assert.deepEqual(
    merged['requiredDuringSchedulingIgnoredDuringExecution'],
    podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution,
  )
})

/** Every optional object too. */
const everything = {
  guard: { enabled: true },
  bootstrapGuard: { enabled: true },
  validatingAdmissionPolicy: { enabled: true },
  networkPolicy: { enabled: true },
  webhook: { failurePolicy: 'Fail', cleanupHook: { enabled: true } },
  tls: { mode: 'certManager' },
  sources: { inventory: { configMaps: ['one'] }, clusterApi: { namespace: 'capi', cluster: 'prod' } },
  metrics: {
    serviceMonitor: { enabled: true },
    prometheusRule: { enabled: true },
    dashboard: { enabled: true },
  },
}

test('common labels are on every object and on the pods, common annotations on every object', async () => {
  const common = { commonLabels: { team: 'platform' }, commonAnnotations: { owner: 'ops' } }
  const objects = await render({ ...everything, ...common })
  assert.ok(objects.length > 45)
  for (const object of objects) {
    const { labels, annotations } = objectAt(object, 'metadata')
    assert.equal(objectAt(labels)['team'], 'platform', called(object))
    assert.equal(objectAt(annotations)['owner'], 'ops', called(object))
  }
  for (const workload of workloadsIn(objects)) {
    const { labels, annotations } = objectAt(workload, 'spec', 'template', 'metadata')
    assert.equal(objectAt(labels)['team'], 'platform')
    assert.ok(!('owner' in objectAt(annotations)), 'a changed annotation would restart every pod')
  }
})

test('the labels and annotations of one object take precedence over those of all', async () => {
  const common = {
    commonLabels: {
      'app.kubernetes.io/part-of': 'platform',
      'app.kubernetes.io/version': 'mine',
      tier: 'all',
    },
    commonAnnotations: { 'helm.sh/hook': 'post-install', tier: 'all' },
    podLabels: { tier: 'pods' },
    webhook: { serviceAccount: { annotations: { tier: 'accounts' } } },
  }
  const objects = await render(common)
  const { labels } = objectAt(named(objects, 'Service', FULLNAME), 'metadata')
  assert.equal(objectAt(labels)['app.kubernetes.io/part-of'], 'platform')
  assert.notEqual(objectAt(labels)['app.kubernetes.io/version'], 'mine')
  const { labels: ofPods } = objectAt(named(objects, 'Deployment', FULLNAME), 'spec', 'template', 'metadata')
  assert.equal(objectAt(ofPods)['tier'], 'pods')
  const account = objectAt(named(objects, 'ServiceAccount', `${FULLNAME}-webhook`), 'metadata')
  assert.equal(objectAt(account['annotations'])['tier'], 'accounts')
  const hook = objectAt(named(objects, 'Pod', `${FULLNAME}-test`), 'metadata')
  assert.equal(objectAt(hook['annotations'])['helm.sh/hook'], 'test')
})

test('with namespaceOverride, nothing of the release stays in its namespace', async () => {
  const objects = await render({ ...everything, namespaceOverride: 'elsewhere' })
  assert.doesNotMatch(JSON.stringify(objects), /example-system/)
  const namespaces = objects.map((object) => textAt(objectAt(object, 'metadata'), 'namespace'))
  assert.deepEqual(new Set(namespaces), new Set(['', 'capi', 'default', 'elsewhere', 'kube-public']))
})

test('label values and names are as short as Kubernetes requires, whatever the namespace is called', async () => {
  const namespace = 'n'.repeat(63)
  const release = {
    fullnameOverride: 'f'.repeat(50),
    nameOverride: 'n'.repeat(63),
    namespaceOverride: namespace,
  }
  for (const object of await render({ ...everything, ...release })) {
    const labels = objectAt(object, 'metadata', 'labels')
    for (const label of Object.keys(labels))
      assert.ok(textAt(labels, label).length <= 63, `${called(object)}: ${label}`)
    assert.ok(nameOf(object).length <= 253)
  }
})

test('a name or namespace that reads as a number or as true is a text everywhere', async () => {
  // text with quotes that YAML needs or not, and its checksum
  const read = (key: string, value: unknown) =>
    key === 'config.yaml' ? parse(String(value)) : key === 'checksum/config' ? '' : value
  const sorted = (objects: readonly JsonObject[]) =>
    objects.map((object) => JSON.stringify(object, read)).toSorted()
  const withNames = (name: string) => ({
    ...everything,
    fullnameOverride: name,
    nameOverride: name,
    namespaceOverride: name,
    controller: { serviceAccount: { name } },
    sources: { inventory: { configMaps: [name] }, clusterApi: { namespace: name, cluster: name } },
    tls: { mode: 'existingSecret', existingSecret: { name } },
    webhook: { ...everything.webhook, annotations: { injector: 'theirs' } },
  })
  const plain = sorted(await render(withNames('plain-name')))
  for (const name of ['123', '1e5', '0x1f', 'true']) {
    const expected = plain.map((object) => object.replaceAll('plain-name', name)).toSorted()
    assert.deepEqual(sorted(await render(withNames(name))), expected)
  }
})

test('volumes of your own are mounted beside those of the chart', async () => {
  const extraVolumes = [{ name: 'own', emptyDir: {} }]
  const extraVolumeMounts = [{ name: 'own', mountPath: '/own' }]
  const values = { extraVolumes, extraVolumeMounts }
  for (const workload of workloadsIn(await render(values))) {
    const mounts = new Set(listOf(containerOf(workload)['volumeMounts']).map(({ name }) => name))
    const volumes = new Set(listOf(podSpecOf(workload)['volumes']).map(({ name }) => name))
    assert.deepEqual(mounts, volumes)
    assert.ok(mounts.has('own') && mounts.has('config'))
  }
})

test('no Service and no workload selects the pods of hooks', async () => {
  const objects = await render(everything)
  const hooks = objects.filter(({ kind }) => kind === 'Pod' || kind === 'Job')
  assert.equal(hooks.length, 2)
  for (const hook of hooks) {
    const { labels } = objectAt(hook, 'metadata')
    assert.equal(objectAt(labels)['app.kubernetes.io/name'], `${FULLNAME}-hook`)
  }
})
