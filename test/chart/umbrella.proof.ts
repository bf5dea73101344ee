import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { CONFIG_LABEL } from '../../cli/cluster/installed.ts'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { helm, NAMESPACE, objectsOf, type Outcome, RELEASE, template } from './helm.ts'
import { called, containerOf, listOf, podSpecOf, workloadsIn } from './objects.ts'
import { firstOnly, umbrellaChart } from './umbrella.ts'

const chart = await umbrellaChart()
after(() => chart[Symbol.asyncDispose]())

function templated(values: object): Promise<Outcome> {
  return helm(['template', RELEASE, chart.path, '--namespace', NAMESPACE], { values })
}

const rendered = async (values: object): Promise<readonly JsonObject[]> => objectsOf(await templated(values))

/** Namespace, kind and name. */
const placeOf = (object: JsonObject): string =>
  `${textAt(objectAt(object, 'metadata'), 'namespace')} ${called(object)}`

test('the condition of an umbrella chart switches the chart on and off', async () => {
  const on = await rendered(firstOnly)
  assert.deepEqual(workloadsIn(on).map(called), [
    `Deployment ${RELEASE}-gate`,
    `Deployment ${RELEASE}-gate-controller`,
  ])
  assert.deepEqual(await rendered({ gate: { enabled: false }, second: { enabled: false } }), [])
})

test('enabled: false is refused where no umbrella chart reads it', async () => {
  const { ok, output } = await template({ enabled: false })
  assert.equal(ok, false)
  assert.match(
    output,
    /enabled is false, but the chart is rendered: it is the condition of an umbrella chart/,
  )
  assert.equal((await template({ enabled: true })).ok, true)
})

test('two aliases of the chart share no object, and no workload selects pods of the other', async () => {
  const both = await rendered({ gate: { enabled: true }, second: { enabled: true } })
  const places = both.map(placeOf)
  assert.equal(new Set(places).size, places.length)
  const selectors = workloadsIn(both).map((each) => JSON.stringify(objectAt(each, 'spec', 'selector')))
  assert.equal(new Set(selectors).size, 4)
})

test('the policy of an alias has the label by which the command line finds it', async () => {
  const labelled = (await rendered(firstOnly)).filter(
    (object) => CONFIG_LABEL in objectAt(object, 'metadata', 'labels'),
  )
  assert.deepEqual(labelled.map(called), [`ConfigMap ${RELEASE}-gate-config`])
})

test('registry and pull secrets of an umbrella chart hold for every pod, those of hooks too', async () => {
  const imagePullSecrets = ['one', { name: 'two' }]
  const objects = await rendered({
    ...firstOnly,
    global: { imageRegistry: 'mirror.example.com', imagePullSecrets, another: { chart: 'reads this' } },
    gate: {
      enabled: true,
      image: { registry: 'registry.example.com', repository: 'team/gate', tag: 'v2' },
      imagePullSecrets: [{ name: 'own' }, { name: 'two' }],
    },
  })
  const hooks = objects.filter(({ kind }) => kind === 'Pod').map((pod) => objectAt(pod, 'spec'))
  const specs = [...workloadsIn(objects).map(podSpecOf), ...hooks]
  assert.equal(specs.length, 3)
  for (const spec of specs) {
    for (const { image } of listOf(spec['containers'])) assert.equal(image, 'mirror.example.com/team/gate:v2')
    const secrets = ['own', 'two', 'one'].map((name) => ({ name }))
    assert.deepEqual(spec['imagePullSecrets'], secrets)
  }
})

test('without global values, the registry and the pull secrets of the chart apply', async () => {
  const image = { registry: 'registry.example.com', tag: 'v2' }
  const [workload = {}] = workloadsIn(
    await rendered({ ...firstOnly, gate: { enabled: true, image, imagePullSecrets: [{ name: 'own' }] } }),
  )
  assert.equal(containerOf(workload)['image'], 'registry.example.com/kubelet-csr-gate:v2')
  assert.deepEqual(podSpecOf(workload)['imagePullSecrets'], [{ name: 'own' }])
})

test('a misspelt value is refused in an umbrella chart too', async () => {
  for (const [values, words] of [
    [{ ...firstOnly, gate: { enabled: true, webhok: {} } }, /additional properties 'webhok' not allowed/],
    [{ ...firstOnly, gate: { enabled: 'yes' } }, /at '\/enabled': got string, want boolean/],
    [{ ...firstOnly, global: { imageRegistry: 5 } }, /at '\/global\/imageRegistry': got number, want string/],
  ] as const) {
    const { ok, output } = await templated(values)
    assert.equal(ok, false)
    assert.match(output, words)
  }
})
