/** The examples of docs/gitops, against the CRDs of Argo CD and Flux, and their values against the chart. */
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { dryRun } from '../chart/dry-run.ts'
import { listOf, named, textsOf } from '../chart/objects.ts'
import { installDefinition } from '../chart/definitions.ts'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { desired } from './desired.ts'
import { application, documents, examples, fromGit, gitApplication, releases } from './pages.fixture.ts'

const DEFINITIONS = join(import.meta.dirname, 'definitions')

/** All values that the pages show, with the name of their place. */
const shown: readonly (readonly [string, JsonObject])[] = [
  ['the Application', objectAt(application, 'spec', 'source', 'helm', 'valuesObject')],
  ['the Application from Git', objectAt(fromGit, 'helm', 'valuesObject')],
  ...releases.map(
    (release, index) => [`HelmRelease ${index + 1}`, objectAt(release, 'spec', 'values')] as const,
  ),
  ...documents
    .filter(({ apiVersion, path }) => apiVersion === undefined && path === undefined)
    .map((values, index) => [`values ${index + 1}`, values] as const),
]

let cluster: ControlPlane
before(async () => {
  cluster = await startControlPlane()
  for (const file of (await readdir(DEFINITIONS)).filter((name) => name.endsWith('.json')))
    await installDefinition(cluster, JSON.parse(await readFile(join(DEFINITIONS, file), 'utf8')))
  for (const name of new Set(examples.map((example) => textAt(objectAt(example, 'metadata'), 'namespace'))))
    await cluster.adminRequest('POST', '/api/v1/namespaces', { metadata: { name } })
})
after(() => cluster.stop())

test('the API server accepts each example strictly, by the definitions of Argo CD and Flux', async () => {
  assert.deepEqual(
    examples.map(({ kind }) => kind),
    ['AppProject', 'Application', 'OCIRepository', 'HelmRelease', 'HelmRelease'],
  )
  for (const example of [...examples, gitApplication]) assert.deepEqual(await dryRun(cluster, example), [])
})

test('a field that they do not have, and a HelmRelease without a chart, are refused', async () => {
  const [release = {}] = releases
  const spec = objectAt(release, 'spec')
  const misspelt = await dryRun(cluster, { ...release, spec: { ...spec, driftDetecton: {} } })
  assert.match(misspelt.join('\n'), /\.spec\.driftDetecton: field not declared in schema/)
  const { chartRef: _, ...without } = spec
  assert.match(
    (await dryRun(cluster, { ...release, spec: without })).join('\n'),
    /chart or chartRef must be set/,
  )
})

for (const [place, values] of shown)
  test(`${place}: the chart accepts the values of the page`, async () => {
    assert.ok(Object.keys(values).length > 0)
    // who follows the page puts the own registry there
    const filled = JSON.parse(JSON.stringify(values).replaceAll('OWNER', 'owner'))
    assert.ok((await desired({ values: filled, minor: cluster.minor })).length > 0)
  })

test('the AppProject allows what the chart renders with everything on, and nothing else in the cluster', async () => {
  const on = { enabled: true }
  const values = {
    guard: on,
    bootstrapGuard: on,
    validatingAdmissionPolicy: on,
    networkPolicy: on,
    webhook: { failurePolicy: 'Fail', replicas: 3 },
    metrics: { serviceMonitor: on, prometheusRule: on, dashboard: on },
  }
  const spec = objectAt(named(examples, 'AppProject', 'node-certificates'), 'spec')
  const allowed = listOf(spec['clusterResourceWhitelist']).map(
    (entry) => `${textAt(entry, 'kind')}.${textAt(entry, 'group')}`,
  )
  const namespaces = listOf(spec['destinations']).map((destination) => textAt(destination, 'namespace'))
  // the release is in `example-system` in tests
  const rendered = await desired({ values, minor: cluster.minor })
  const whereOf = (object: JsonObject) =>
    textAt(objectAt(object, 'metadata'), 'namespace').replace('example-system', 'kubelet-csr-gate')
  const global = rendered
    .filter((object) => whereOf(object) === '')
    .map((object) => `${textAt(object, 'kind')}.${groupOf(object)}`)
  assert.deepEqual([...new Set(global), 'Namespace.'].toSorted(), allowed.toSorted())
  const used = rendered.map(whereOf).filter((namespace) => namespace !== '')
  assert.deepEqual([...new Set(used)].toSorted(), namespaces.toSorted())
  assert.ok(textsOf(spec, 'sourceRepos').includes(textAt(objectAt(application, 'spec', 'source'), 'repoURL')))
})

function groupOf(object: JsonObject): string {
  const [group = '', version] = textAt(object, 'apiVersion').split('/')
  return version === undefined ? '' : group
}
