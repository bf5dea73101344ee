import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { definitionsMissing, installDefinitions } from './definitions.ts'
import { dryRun } from './dry-run.ts'
import { FULLNAME, NAMESPACE, render } from './helm.ts'
import { called } from './objects.ts'

/** Objects of other projects' kinds that the chart renders, by kind and name. */
const variants: Readonly<Record<string, { readonly values: object; readonly objects: readonly string[] }>> = {
  'a CA and certificate by cert-manager': {
    values: { tls: { mode: 'certManager' } },
    objects: [
      'Certificate example-kubelet-csr-gate-ca',
      'Certificate example-kubelet-csr-gate-serving',
      'Issuer example-kubelet-csr-gate-ca',
      'Issuer example-kubelet-csr-gate-root',
    ],
  },
  'a certificate by a ClusterIssuer, for a URL': {
    values: {
      tls: {
        mode: 'certManager',
        certManager: {
          createIssuer: false,
          issuerRef: { name: 'corporate', kind: 'ClusterIssuer' },
          algorithm: 'RSA',
        },
      },
      webhook: { url: 'https://192.0.2.1:8443/validate' },
    },
    objects: ['Certificate example-kubelet-csr-gate-serving'],
  },
  'scraping by a Service, and alerts': {
    values: {
      metrics: {
        serviceMonitor: {
          enabled: true,
          interval: '30s',
          scrapeTimeout: '10s',
          additionalLabels: { release: 'prometheus' },
          relabelings: [{ action: 'labeldrop', regex: 'endpoint' }],
          metricRelabelings: [{ action: 'drop', sourceLabels: ['__name__'], regex: 'nodejs_gc_.*' }],
        },
        prometheusRule: { enabled: true, additionalLabels: { release: 'prometheus' } },
      },
    },
    objects: ['PrometheusRule example-kubelet-csr-gate', 'ServiceMonitor example-kubelet-csr-gate'],
  },
  'scraping of the pods, without a webhook': {
    values: {
      metrics: {
        podMonitor: { enabled: true, interval: '30s', relabelings: [{ action: 'labeldrop', regex: 'x' }] },
        prometheusRule: { enabled: true },
      },
      webhook: { enabled: false },
    },
    objects: ['PodMonitor example-kubelet-csr-gate', 'PrometheusRule example-kubelet-csr-gate'],
  },
}
const skip = await definitionsMissing()

let cluster: ControlPlane
before(async () => {
  if (skip !== false) return
  cluster = await startControlPlane()
  await installDefinitions(cluster)
  const { status } = await cluster.adminRequest('POST', '/api/v1/namespaces', {
    metadata: { name: NAMESPACE },
  })
  assert.equal(status, 201)
})
after(async () => {
  if (skip === false) await cluster.stop()
})

async function foreignObjects(values: object): Promise<readonly JsonObject[]> {
  const foreign = /^(cert-manager\.io|monitoring\.coreos\.com)\//
  return (await render(values)).filter((object) => foreign.test(textAt(object, 'apiVersion')))
}

for (const [what, { values, objects }] of Object.entries(variants))
  test(`the CRDs of the projects accept ${what}`, { skip }, async () => {
    const rendered = await foreignObjects(values)
    assert.deepEqual(rendered.map(called).toSorted(), objects)
    for (const object of rendered) assert.deepEqual(await dryRun(cluster, object), [])
  })

test('a field that a kind does not have is refused', { skip }, async () => {
  const [certificate = {}] = await foreignObjects({ tls: { mode: 'certManager' } })
  const misspelt = { ...certificate, spec: { ...objectAt(certificate, 'spec'), secretname: 'x' } }
  assert.match(
    (await dryRun(cluster, misspelt)).join('\n'),
    /\.spec\.secretname: field not declared in schema/,
  )
})

test('an API server accepts every object of an installation with everything enabled, hooks included, strictly', {
  skip,
}, async () => {
  const on = { enabled: true }
  const objects = await render({
    webhook: { failurePolicy: 'Fail', cleanupHook: on },
    metrics: { serviceMonitor: on, prometheusRule: on, dashboard: on },
    networkPolicy: on,
    apiPriorityAndFairness: on,
    extraObjects: [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'extra', namespace: NAMESPACE } },
    ],
  })
  // a Pod is accepted only if its account exists, which a dry run does not create
  const account = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`
  await cluster.adminRequest('POST', account, { metadata: { name: `${FULLNAME}-test` } })
  for (const object of objects) assert.deepEqual(await dryRun(cluster, object), [])
})
