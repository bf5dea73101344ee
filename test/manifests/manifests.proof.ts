import assert from 'node:assert/strict'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { definitionsMissing, installClusterApiDefinitions } from '../chart/definitions.ts'
import { CHART, helm, objectsOf } from '../chart/helm.ts'
import { called } from '../chart/objects.ts'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import type { TemporaryDirectory } from '../kit/directory.ts'
import { applyProblems, objectsIn, textOf, WAYS } from './apply.ts'
import { buildManifests } from './build.ts'
import { kubectl } from './kubectl.ts'

const NAME = 'kubelet-csr-gate'
const CLUSTER_API = join(import.meta.dirname, '..', '..', 'packaging', 'upstream', 'cluster-api')
/** As in manifests that are not of a release: the image was imported on the nodes. */
const IMPORTED = '--set=image.pullPolicy=Never'
// Go builds Helm, with which the manifests are made
const skip = await definitionsMissing()
let cluster: ControlPlane
let built: TemporaryDirectory

before(async () => {
  if (skip !== false) return
  ;[built, cluster] = await Promise.all([buildManifests(), startControlPlane()])
})
after(async () => {
  if (skip !== false) return
  await cluster.stop()
  await built[Symbol.asyncDispose]()
})

const byName = (a: JsonObject, b: JsonObject): number => (called(a) < called(b) ? -1 : 1)

for (const way of WAYS)
  test(`${way}: an API server takes it without a warning, a second time without a change, and deletes all of it`, {
    skip,
  }, async () => {
    const text = await textOf(cluster, built.path, way)
    assert.ok(objectsIn(text).length > 20)
    assert.deepEqual(await applyProblems(cluster, text), [])
  })

test('a warning is a failure, and so is a manifest with what the pods write', { skip }, async () => {
  const metadata = { name: 'example', namespace: 'default' }
  const nodeSelector = { 'beta.kubernetes.io/os': 'linux' }
  const spec = { nodeSelector, restartPolicy: 'Never', containers: [{ name: 'example', image: 'example' }] }
  const job = { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template: { spec } } }
  assert.match((await applyProblems(cluster, JSON.stringify(job))).join(), /deprecated since v1\.14/)
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, data: { 'tls.crt': '' } }
  assert.match(
    (await applyProblems(cluster, JSON.stringify(secret))).join(),
    /conflict with "kubelet-csr-gate" using v1: \.data\.tls\.crt/,
  )
})

test('the kustomize base and the ClusterResourceSet install what install.yaml does', { skip }, async () => {
  const sorted = (text: string) => objectsIn(text).toSorted(byName)
  const install = await textOf(cluster, built.path, 'install.yaml')
  assert.deepEqual(sorted(await textOf(cluster, built.path, 'kustomize')), sorted(install))
  const [contents = {}] = objectsIn(await readFile(join(built.path, 'cluster-resource-set.yaml'), 'utf8'))
  assert.equal(textAt(objectAt(contents, 'data'), 'install.yaml'), install)
})

test('install.yaml is what helm install would create, but for the labels of Helm, and the namespace', {
  skip,
}, async () => {
  const flags = ['--kube-version=1.30.0', '--no-hooks', IMPORTED]
  const args = ['template', NAME, CHART, `--namespace=${NAME}`, ...flags]
  const rendered = objectsOf(await helm(args)).map((object) => {
    const metadata = objectAt(object, 'metadata')
    const { 'helm.sh/chart': _, 'app.kubernetes.io/managed-by': __, ...labels } = objectAt(metadata, 'labels')
    return { ...object, metadata: { ...metadata, labels } }
  })
  const [namespace = {}, ...installed] = objectsIn(await textOf(cluster, built.path, 'install.yaml'))
  assert.equal(called(namespace), 'Namespace kubelet-csr-gate')
  assert.deepEqual(installed, rendered)
})

test('an overlay of the kustomize base sets the image and the policy', { skip }, async () => {
  const overlay = join(built.path, 'overlay')
  await mkdir(overlay)
  const config = 'policy: {clusterDomain: example.internal}\n'
  await writeFile(
    join(overlay, 'kustomization.yaml'),
    JSON.stringify({
      resources: ['../kustomize'],
      images: [{ name: 'kubelet-csr-gate', newName: 'registry.example/kubelet-csr-gate', newTag: '1' }],
      patches: [
        {
          target: { kind: 'ConfigMap', name: 'kubelet-csr-gate-config' },
          patch: JSON.stringify([{ op: 'replace', path: '/data/config.yaml', value: config }]),
        },
      ],
    }),
  )
  const objects = objectsIn(await kubectl(cluster, ['kustomize', overlay]))
  const images = objects.flatMap((object) =>
    [...JSON.stringify(object).matchAll(/"image":"([^"]*)"/g)].map(([, image]) => image),
  )
  assert.deepEqual(new Set(images), new Set(['registry.example/kubelet-csr-gate:1']))
  assert.deepEqual(
    objects.filter(({ kind }) => kind === 'ConfigMap').map(({ data }) => data),
    [{ 'config.yaml': config }],
  )
})

test('the ClusterResourceSet is valid by the CRD of Cluster API, and selects Clusters by their label', {
  skip,
}, async () => {
  await installClusterApiDefinitions(cluster)
  const text = await readFile(join(built.path, 'cluster-resource-set.yaml'), 'utf8')
  assert.deepEqual(await applyProblems(cluster, namespaced(text)), [])
  const misspelt = namespaced(text.replace('strategy: ApplyOnce', 'strategy: Once'))
  assert.match((await applyProblems(cluster, misspelt)).join('\n'), /Unsupported value: "Once"/)
})

test('the folder for Cluster API makes the same objects as the release', { skip }, async () => {
  const folder = join(built.path, 'cluster-api')
  await cp(CLUSTER_API, folder, { recursive: true })
  await cp(join(built.path, 'install.yaml'), join(folder, 'install.yaml'))
  const released = objectsIn(await readFile(join(built.path, 'cluster-resource-set.yaml'), 'utf8'))
  const sorted = (objects: readonly JsonObject[]) => objects.toSorted(byName)
  assert.deepEqual(sorted(objectsIn(await kubectl(cluster, ['kustomize', folder]))), sorted(released))
})

test('Helm takes over what install.yaml installed, when it is told to', { skip }, async () => {
  await kubectl(cluster, ['apply', '--server-side', `--filename=${join(built.path, 'install.yaml')}`])
  const { adminKubeconfig: kubeconfig } = cluster
  const upgrade = ['upgrade', '--install', NAME, CHART, `--namespace=${NAME}`, IMPORTED]
  const refused = await helm(upgrade, { kubeconfig })
  assert.match(refused.output, /exists and cannot be imported into the current release/)
  const taken = await helm([...upgrade, '--take-ownership', '--force-conflicts'], { kubeconfig })
  assert.ok(taken.ok && taken.stderr === '', taken.output)
  const { ok, output } = await helm(['uninstall', NAME, `--namespace=${NAME}`], { kubeconfig })
  assert.ok(ok, output)
  const left = await kubectl(cluster, [
    'get',
    'clusterroles,validatingwebhookconfigurations',
    '--output=name',
  ])
  assert.doesNotMatch(left, /kubelet-csr-gate/)
})

/** As `kubectl apply --namespace` has it. */
function namespaced(text: string): string {
  const objects = objectsIn(text).map((object) => ({
    ...object,
    metadata: { ...objectAt(object, 'metadata'), namespace: 'default' },
  }))
  return objects.map((object) => JSON.stringify(object)).join('\n---\n')
}
