import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { objectAt, textOf } from '../server/tls/json.ts'
import type { JsonObject } from '../server/ports.ts'
import { type ControlPlane, startControlPlane } from '../test/cluster/control-plane.ts'
import { definitionsMissing, installDefinitions } from './definitions.ts'
import { NAMESPACE, render } from './helm.ts'

/** What the chart renders of other projects' kinds, as objects of `kind/name`. */
const variants: Readonly<Record<string, { readonly values: object; readonly objects: readonly string[] }>> = {
  'a CA and certificate by cert-manager': {
    values: { tls: { mode: 'certManager' } },
    objects: [
      'Certificate/gate-kubelet-csr-gate-ca',
      'Certificate/gate-kubelet-csr-gate-serving',
      'Issuer/gate-kubelet-csr-gate-ca',
      'Issuer/gate-kubelet-csr-gate-root',
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
    objects: ['Certificate/gate-kubelet-csr-gate-serving'],
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

/** A dry run that refuses fields which the kind does not have. */
async function create(object: JsonObject): Promise<string> {
  const plural = `${textOf(object, 'kind').toLowerCase()}s`
  const path = `/apis/${textOf(object, 'apiVersion')}/namespaces/${NAMESPACE}/${plural}`
  const { status, body } = await cluster.adminRequest(
    'POST',
    `${path}?dryRun=All&fieldValidation=Strict`,
    object,
  )
  return status === 201 ? 'accepted' : `${status} ${textOf(body, 'message')}`
}

async function foreignObjects(values: object): Promise<readonly JsonObject[]> {
  const foreign = /^(cert-manager\.io|monitoring\.coreos\.com)\//
  return (await render(values)).filter((object) => foreign.test(textOf(object, 'apiVersion')))
}

for (const [what, { values, objects }] of Object.entries(variants))
  test(`the definitions of the projects themselves accept ${what}`, { skip }, async () => {
    const rendered = await foreignObjects(values)
    const names = rendered.map(
      (object) => `${textOf(object, 'kind')}/${textOf(objectAt(object, 'metadata'), 'name')}`,
    )
    assert.deepEqual(names.toSorted(), objects)
    for (const [index, object] of rendered.entries())
      assert.equal(await create(object), 'accepted', names[index])
  })

test('a field that a kind does not have is refused, so acceptance means something', { skip }, async () => {
  const [certificate = {}] = await foreignObjects({ tls: { mode: 'certManager' } })
  const misspelt = { ...certificate, spec: { ...objectAt(certificate, 'spec'), secretname: 'x' } }
  assert.match(await create(misspelt), /strict decoding error: unknown field "spec.secretname"/)
})
