/** The ValidatingAdmissionPolicy of the chart, evaluated by a real API server. No pod runs. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { REQUEST_TEXT_MAX } from '../../server/der/pem.ts'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import type { Answer } from '../kit/client.ts'
import { type CsrBody, createCsr, SERVING, SERVING_WITH_ENCIPHERMENT } from '../kit/kubelet/csr.ts'
import { buildRequest } from '../kit/requests/request.ts'
import { untilInEffect } from '../kit/service/webhook.ts'
import { render } from './helm.ts'
import { listOf, nameOf, only } from './objects.ts'

const API = '/apis/admissionregistration.k8s.io/v1'
const NODE = { user: 'system:node:node-1', groups: ['system:nodes', 'system:authenticated'] }
const ADMIN = { user: 'alice', groups: ['system:masters', 'system:authenticated'] }
const expressions = [{ expression: "object.spec.username != 'system:node:old'", message: 'old is retired' }]
const enabled = { validatingAdmissionPolicy: { enabled: true, expressions } }
const limited = { ...enabled, policy: { maxExpirationSeconds: 86_400 } }
const { request } = buildRequest()

let cluster: ControlPlane
before(async () => {
  cluster = await startControlPlane()
  await apply(limited)
  await untilInEffect(async () => (await create({ usages: ['client auth'] })).status === 403)
})
after(() => cluster.stop())

/** Applies what the chart renders from these values, the policy and its binding. */
async function apply(values: object): Promise<void> {
  const objects = await render(values, '--show-only', 'templates/admission-policy.yaml')
  for (const [kind, resource] of [
    ['ValidatingAdmissionPolicy', 'validatingadmissionpolicies'],
    ['ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings'],
  ] as const) {
    const object = only(objects, kind)
    const path = `${API}/${resource}/${nameOf(object)}?fieldManager=helm&force=true`
    const { status, body } = await cluster.admin.apply(path, object)
    assert.ok(status < 300, JSON.stringify(body))
  }
}

function create(change: Partial<CsrBody> = {}, person = NODE): Promise<Answer> {
  return createCsr(cluster.impersonate(person), { request, ...change }, '?dryRun=All')
}

async function assertRefused(message: string, change: Partial<CsrBody>, person = NODE): Promise<void> {
  const { status, body } = await create(change, person)
  assert.equal(status, 403, message)
  const denied = `denied request: ${message}`
  assert.ok(textAt(body, 'message').endsWith(denied), `${textAt(body, 'message')}, not ${denied}`)
}

test('the CSRs of honest kubelets are allowed', async () => {
  for (const change of [
    {},
    { usages: SERVING_WITH_ENCIPHERMENT },
    { usages: SERVING.toReversed() },
    { expirationSeconds: 86_400 },
  ])
    assert.equal((await create(change)).status, 201, JSON.stringify(change))
})

test('a requester that is not a node is refused', async () => {
  const message = 'RequesterNotNode: the requester is not a node (system:node:NAME) in the group system:nodes'
  await assertRefused(message, {}, ADMIN)
  await assertRefused(message, {}, { ...ADMIN, user: 'system:node:node-1' })
})

test('finalizers and owners are refused', async () => {
  const message = 'MetadataHasExtras: the CSR has finalizers or ownerReferences. A kubelet sets none'
  const owner = { apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: 'u' }
  for (const extra of [{ finalizers: ['example.com/a'] }, { ownerReferences: [owner] }])
    await assertRefused(message, { metadata: { generateName: 'csr-', ...extra } })
})

test('usages other than those of a kubelet are refused', async () => {
  const message =
    'UsagesNotServing: allowed are "digital signature" and "server auth", with or without "key encipherment"'
  for (const usages of [['server auth'], [...SERVING, 'client auth'], [...SERVING_WITH_ENCIPHERMENT, 'any']])
    await assertRefused(message, { usages })
})

test('a lifetime past the bound of the policy is refused', async () => {
  const message = 'LifetimeNotAllowed: maxExpirationSeconds of the policy is 86400'
  await assertRefused(message, { expirationSeconds: 86_401 })
})

test('a request of more than 64 KiB is refused, at the limit that the checks have', async () => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => `${'n'.repeat(50)}-${index}`)
  const large = buildRequest({ dnsNames: names(1_250) }).request
  assert.ok(large.length > REQUEST_TEXT_MAX && large.length < REQUEST_TEXT_MAX * 1.1, `${large.length}`)
  await assertRefused('CsrUnreadable: the request is larger than 64 KiB', { request: large })
  const fits = buildRequest({ dnsNames: names(1_100) }).request
  assert.equal((await create({ request: fits })).status, 201)
  const rendered = await render(limited, '--show-only', 'templates/admission-policy.yaml')
  const policy = only(rendered, 'ValidatingAdmissionPolicy')
  const written = validationsOf(policy).map((validation) => textAt(validation, 'expression'))
  assert.ok(written.includes(`size(object.spec.request) <= ${REQUEST_TEXT_MAX}`), written.join('\n'))
})

test("an operator's own expression refuses with its message", async () => {
  const { request: old } = buildRequest({ commonName: 'system:node:old' })
  await assertRefused('old is retired', { request: old }, { ...NODE, user: 'system:node:old' })
})

test('CSRs for other signers are not touched', async () => {
  const spec = { request, signerName: 'example.com/other', usages: ['any'] }
  const body = { metadata: { generateName: 'csr-', finalizers: ['example.com/a'] }, spec }
  const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests?dryRun=All'
  assert.equal((await cluster.admin.request('POST', path, body)).status, 201)
})

test('the API server finds no fault in the types of the expressions', async () => {
  const { body } = await cluster.adminRequest('GET', `${API}/validatingadmissionpolicies`)
  const [policy = {}] = listOf(body['items'])
  assert.deepEqual(objectAt(policy, 'status', 'typeChecking')['expressionWarnings'], undefined)
})

test('foreign requesters that the policy ignores are not touched', async () => {
  await apply({ ...enabled, policy: { foreignRequesters: 'ignore' } })
  await untilInEffect(async () => (await create({ usages: ['server auth'] }, ADMIN)).status === 201)
  assert.equal((await create({ usages: ['server auth'] })).status, 403)
})

test('the modes that refuse nothing warn', async () => {
  await apply({ ...enabled, policy: { mode: 'dryRun' } })
  await untilInEffect(async () => (await create({ usages: ['server auth'] })).status === 201)
  const { warnings } = await create({ usages: ['server auth'] })
  assert.match(warnings.join(), /UsagesNotServing/)
})

function validationsOf(policy: JsonObject): readonly JsonObject[] {
  return listOf(objectAt(policy, 'spec')['validations'])
}
