/** The chart beside others on a real control plane, which admits `system-` priority classes as GKE does. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { until } from '../kit/until.ts'
import { pathOf } from './dry-run.ts'
import { allProfiles, CHART, helm, objectsOf, render, withImage } from './helm.ts'
import { called, workloadsIn } from './objects.ts'
import { firstOnly, umbrellaChart } from './umbrella.ts'

const NAME = 'kubelet-csr-gate'
const EFFECT_MS = 30_000

let cluster: ControlPlane
before(async () => {
  cluster = await startControlPlane({ limitsPriorities: true })
})
after(() => cluster.stop())

async function run(args: readonly string[], values?: object): Promise<void> {
  const outcome = await helm(args, {
    kubeconfig: cluster.adminKubeconfig,
    ...(values && { values: withImage(values) }),
  })
  assert.ok(outcome.ok, outcome.output)
  assert.equal(outcome.stderr, '')
}

async function objectsOfRelease(namespace: string, release = NAME): Promise<readonly JsonObject[]> {
  const args = ['get', 'manifest', release, '--namespace', namespace]
  return objectsOf(await helm(args, { kubeconfig: cluster.adminKubeconfig }))
}

/** Those of the objects that are not in the cluster. */
async function missing(objects: readonly JsonObject[]): Promise<readonly string[]> {
  const absent: string[] = []
  for (const object of objects) {
    const { status } = await cluster.adminRequest('GET', `${await pathOf(cluster, object)}`)
    if (status !== 200) absent.push(called(object))
  }
  return absent
}

test('releases of one name in two namespaces share nothing: either can be removed', async () => {
  const install = (namespace: string) =>
    run(['install', NAME, CHART, '--namespace', namespace, '--create-namespace'], {
      validatingAdmissionPolicy: { enabled: true },
      // what is not in the namespace of the release
      sources: { clusterApi: { namespace: 'default', cluster: 'prod' } },
    })
  await install(NAME)
  await install('other')
  const [first, second] = [await objectsOfRelease(NAME), await objectsOfRelease('other')]
  assert.equal(first.length, second.length)
  await run(['uninstall', NAME, '--namespace', 'other'])
  assert.deepEqual(await missing(first), [])
  assert.equal((await missing(second)).length, second.length)
  await run(['uninstall', NAME, '--namespace', NAME])
  assert.equal((await missing(first)).length, first.length)
})

test('an umbrella chart installs, switches the chart off and on, and uninstalls', async () => {
  await using chart = await umbrellaChart()
  const upgrade = (values: object) =>
    run(
      ['upgrade', 'platform', chart.path, '--install', '--namespace', 'platform', '--create-namespace'],
      values,
    )
  await upgrade(firstOnly)
  const objects = await objectsOfRelease('platform', 'platform')
  assert.ok(objects.length > 20)
  assert.deepEqual(await missing(objects), [])
  await upgrade({ gate: { enabled: false }, second: { enabled: false } })
  assert.equal((await missing(objects)).length, objects.length)
  await upgrade(firstOnly)
  assert.deepEqual(await missing(objects), [])
  await run(['uninstall', 'platform', '--namespace', 'platform'])
  assert.equal((await missing(objects)).length, objects.length)
})

/** Whether the API server admits a pod of each workload: what it says of those that it refuses. */
async function refusals(namespace: string, objects: readonly JsonObject[]): Promise<readonly string[]> {
  const refused: string[] = []
  for (const workload of workloadsIn(objects)) {
    const { metadata, spec } = objectAt(workload, 'spec', 'template')
    const pod = { metadata: { ...objectAt(metadata), generateName: 'pod-' }, spec }
    const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`
    const { status, body } = await cluster.adminRequest('POST', path, pod)
    if (status !== 201) refused.push(textAt(body, 'message'))
  }
  return refused
}

const managed = (await allProfiles()).find(({ name }) => name === 'managed-cloud')?.values ?? {}

for (const [what, values] of [
  ['the defaults', {}],
  ['the profile for managed clouds', managed],
] as const)
  test(`where pods of a system- class need a quota, those of ${what} are admitted`, async () => {
    const namespace = 'quota'
    await run(['install', NAME, CHART, '--namespace', namespace, '--create-namespace'], values)
    const objects = await objectsOfRelease(namespace)
    assert.ok(workloadsIn(objects).length > 0)
    const isAdmitted = async () => (await refusals(namespace, objects)).length === 0
    await until(isAdmitted, 'the quota is counted', EFFECT_MS, 250)
    await run(['uninstall', NAME, '--namespace', namespace])
    await until(async () => (await missing(objects)).length === objects.length, 'all is gone', EFFECT_MS, 250)
  })

test('without its quota they are refused there, and with another class or none they need none', async () => {
  const namespace = 'no-quota'
  const without = { resourceQuota: { enabled: false } }
  await run(['install', NAME, CHART, '--namespace', namespace, '--create-namespace'], without)
  const needsQuota = /insufficient quota to match these scopes: \[\{PriorityClass In/
  const said = await refusals(namespace, await objectsOfRelease(namespace))
  assert.equal(said.length, 2)
  for (const each of said) assert.match(each, needsQuota)
  const unclassed = await render({ priorityClassName: '', nameOverride: NAME, fullnameOverride: NAME })
  assert.ok(unclassed.every(({ kind }) => kind !== 'ResourceQuota'))
  assert.deepEqual(await refusals(namespace, unclassed), [])
})

test('kube-system gets no quota, which would limit the pods of others', async () => {
  const kinds = (await render({}, '--namespace', 'kube-system')).map(({ kind }) => kind)
  assert.ok(!kinds.includes('ResourceQuota'))
})
