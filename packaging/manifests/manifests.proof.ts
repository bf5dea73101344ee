import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import project from '../../package.json' with { type: 'json' }
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { missing } from '../release/go-tools.ts'
import { type Manifests, manifests } from './manifests.ts'
import { renderChart } from './render.ts'
import { talos } from './sources.ts'

const root = join(import.meta.dirname, '..', '..')
const digest = `sha256:${'a'.repeat(64)}`
const skip = await missing(['go'])
const released = (): Promise<Manifests> =>
  manifests(root, project.version, { registry: 'registry.example/owner', digest })
const made: Manifests = skip === false ? await released() : { files: new Map(), kustomize: new Map() }

const fileOf = (name: string): string => made.files.get(name) ?? ''
const objectsIn = (text: string): readonly JsonObject[] =>
  parseAllDocuments(text).map((document) => document.toJS())
const nameOf = (object: JsonObject): string =>
  `${textAt(object, 'kind')} ${textAt(objectAt(object, 'metadata'), 'name')}`

/** What each file installs, out of its wrapping. */
function installedBy(): ReadonlyMap<string, readonly JsonObject[]> {
  const inside = (text: string, ...path: readonly (string | number)[]): string =>
    String(parseAllDocuments(text)[0]?.getIn(path))
  return new Map([
    ['install.yaml', objectsIn(fileOf('install.yaml'))],
    ['bootstrap.yaml', objectsIn(fileOf('bootstrap.yaml'))],
    [
      'talos-inline.yaml',
      objectsIn(inside(fileOf('talos-inline.yaml'), 'cluster', 'inlineManifests', 0, 'contents')),
    ],
    [
      'cluster-resource-set.yaml',
      objectsIn(inside(fileOf('cluster-resource-set.yaml'), 'data', 'install.yaml')),
    ],
    [
      'kustomize',
      [...made.kustomize]
        .filter(([name]) => name !== 'kustomization.yaml')
        .flatMap(([, text]) => objectsIn(text)),
    ],
  ])
}

test('a release names every image by its digest', { skip }, () => {
  const image = `registry.example/owner/kubelet-csr-gate@${digest}`
  for (const [file, objects] of installedBy()) {
    const images = objects.flatMap((object) => [...JSON.stringify(object).matchAll(/"image":"([^"]*)"/g)])
    assert.ok(images.length > 0, file)
    for (const [, found] of images) assert.equal(found, image, file)
  }
})

test('before a release, the image is pulled by tag, or is the one that was imported on the nodes', {
  skip,
}, async () => {
  for (const [registry, image, policy] of [
    ['registry.example/owner', `registry.example/owner/kubelet-csr-gate:${project.version}`, 'IfNotPresent'],
    [null, `kubelet-csr-gate:${project.version}`, 'Never'],
  ] as const) {
    const { files } = await manifests(root, project.version, { registry, digest: '' })
    const text = files.get('install.yaml') ?? ''
    assert.deepEqual([...new Set(text.match(/(?<=image: "?)[^"\s]+/gu))], [image])
    assert.deepEqual([...new Set(text.match(/(?<=imagePullPolicy: )\w+/gu))], [policy])
  }
})

test('the same chart and image give the same text', { skip }, async () => {
  assert.deepEqual(await released(), made)
})

test('nothing says that Helm installed it, and nothing that the pods write is in a manifest', {
  skip,
}, () => {
  for (const [file, objects] of installedBy())
    for (const object of objects) {
      const text = JSON.stringify(object)
      assert.doesNotMatch(
        text,
        /"managed-by"|helm\.sh|app\.kubernetes\.io\/managed-by|"caBundle"/,
        `${file}: ${nameOf(object)}`,
      )
      assert.notEqual(object['kind'], 'Lease', file)
      if (object['kind'] === 'Secret')
        assert.deepEqual(Object.keys(object), ['apiVersion', 'kind', 'metadata', 'type'])
    }
})

test('the bootstrap manifest reaches the API server at the address of the Node, and needs no edit', {
  skip,
}, () => {
  const [workload = {}] = objectsIn(fileOf('bootstrap.yaml')).filter(({ kind }) => kind === 'DaemonSet')
  const { containers, hostNetwork } = objectAt(workload, 'spec', 'template', 'spec')
  assert.ok(Array.isArray(containers))
  assert.deepEqual(objectAt(containers[0])['env'], [
    { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'KUBERNETES_SERVICE_HOST', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
    { name: 'KUBERNETES_SERVICE_PORT', value: '6443' },
  ])
  assert.equal(hostNetwork, true)
  assert.doesNotMatch(fileOf('bootstrap.yaml'), /192\.0\.2\./)
})

test('the ClusterResourceSet installs install.yaml, and fits into a ConfigMap', { skip }, () => {
  const [contents = {}, set = {}, ...others] = objectsIn(fileOf('cluster-resource-set.yaml'))
  assert.deepEqual(others, [])
  assert.deepEqual(contents['data'], { 'install.yaml': fileOf('install.yaml') })
  assert.deepEqual(objectAt(set, 'spec')['resources'], [{ kind: 'ConfigMap', name: 'kubelet-csr-gate' }])
  // 1 MiB is the limit of the API server; kubectl apply without --server-side keeps a copy in an annotation of 256 KiB
  assert.ok(fileOf('cluster-resource-set.yaml').length < 256 * 1024)
})

test('the patch for Talos has one inline manifest, of the profile for Talos', { skip }, async () => {
  const patch = parse(fileOf('talos-inline.yaml'))
  // the fields of `cluster.inlineManifests` in the reference of Talos 1.7 to 1.14, where both are required
  assert.deepEqual(Object.keys(patch), ['cluster'])
  assert.deepEqual(Object.keys(patch.cluster), ['inlineManifests'])
  const [manifest, ...others] = patch.cluster.inlineManifests
  assert.deepEqual(others, [])
  assert.deepEqual(Object.keys(manifest), ['name', 'contents'])
  const image = { registry: 'registry.example/owner', digest }
  const rendered = await renderChart(join(root, 'charts/kubelet-csr-gate'), { ...talos, values: { image } })
  assert.deepEqual(
    objectsIn(manifest.contents),
    rendered.map((document) => document.toJS()),
  )
})

test('the kustomize base has the objects of install.yaml, each in one file', { skip }, () => {
  const sorted = (objects: readonly JsonObject[] = []) =>
    objects.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
  const installed = installedBy()
  assert.deepEqual(sorted(installed.get('kustomize')), sorted(installed.get('install.yaml')))
  const { resources } = parse(made.kustomize.get('kustomization.yaml') ?? '')
  assert.deepEqual([...resources, 'kustomization.yaml'], [...made.kustomize.keys()])
})
