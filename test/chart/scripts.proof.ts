import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { startService } from '../kit/service/service.ts'
import { registerWebhook, untilInEffect, unregisterWebhook } from '../kit/service/webhook.ts'
import { CHART, render } from './helm.ts'
import { called, listOf, podSpecOf } from './objects.ts'
import { dashboardJson } from './panels.ts'
import { tokenOf } from './pod-account.ts'

/** The name of the registration of the tests (test/kit/service/webhook.ts): that of the release, in a namespace of that name. */
const NAME = 'kubelet-csr-gate'
const NAMESPACE = NAME
const LEASES = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases`
const values = { fullnameOverride: NAME, webhook: { failurePolicy: 'Fail', cleanupHook: { enabled: true } } }
const SCRIPT_MS = 60_000

let cluster: ControlPlane
let objects: readonly JsonObject[]
before(async () => {
  cluster = await startControlPlane()
  objects = await render(values, '--namespace', NAMESPACE)
  await create('/api/v1/namespaces', { metadata: { name: NAMESPACE } })
  await create(`/api/v1/namespaces/${NAMESPACE}/serviceaccounts`, hookObject('ServiceAccount', 'test'))
  await create(`/api/v1/namespaces/${NAMESPACE}/serviceaccounts`, hookObject('ServiceAccount', 'cleanup'))
  const rbac = '/apis/rbac.authorization.k8s.io/v1'
  for (const hook of ['test', 'cleanup']) {
    await create(`${rbac}/clusterroles`, hookObject('ClusterRole', hook))
    await create(`${rbac}/clusterrolebindings`, hookObject('ClusterRoleBinding', hook))
  }
  await create(`${rbac}/namespaces/${NAMESPACE}/roles`, hookObject('Role', 'test'))
  await create(`${rbac}/namespaces/${NAMESPACE}/rolebindings`, hookObject('RoleBinding', 'test'))
})
after(() => cluster.stop())

async function create(path: string, object: JsonObject): Promise<void> {
  const { status, body } = await cluster.adminRequest('POST', path, object)
  assert.equal(status, 201, textAt(body, 'message'))
}

function hookObject(kind: string, hook: string): JsonObject {
  const found = objects.find((object) => called(object) === `${kind} ${NAME}-${hook}`)
  assert.ok(found !== undefined, `${kind} ${hook}`)
  return found
}

interface Ended {
  readonly code: number
  /** The termination message of the pod. */
  readonly said: string
}

/** Runs a script as its pod does: with the rendered arguments and environment, and a token of its account. */
async function run(script: string): Promise<Ended> {
  const isCleanup = script === 'remove-webhook'
  const spec = isCleanup
    ? podSpecOf(hookObject('Job', 'cleanup'))
    : objectAt(hookObject('Pod', 'test'), 'spec')
  const container = listOf(spec['containers']).find((one) => one['name'] === script) ?? {}
  const args = Array.isArray(container['args']) ? container['args'].map(String) : []
  const given = listOf(container['env']).map((one) => [textAt(one, 'name'), textAt(one, 'value')])
  const { hostname, port } = new URL(cluster.url)
  const account = textAt(spec, 'serviceAccountName')
  const env = {
    ...Object.fromEntries(given),
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port,
    TOKEN_FILE: await fileOf(`${account}.token`, await tokenOf(cluster, account, NAMESPACE)),
    NODE_EXTRA_CA_CERTS: await fileOf('ca.crt', cluster.caPem),
  }
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env, timeout: SCRIPT_MS }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), said: (stdout + stderr).trim() }),
    )
  })
}

async function fileOf(name: string, content: string): Promise<string> {
  const path = join(cluster.directory, name)
  await writeFile(path, content)
  return path
}

/** Waits, because a registration takes effect a moment later. */
async function webhookCheckSays(expected: RegExp): Promise<void> {
  let last: Ended = { code: -1, said: '' }
  await untilInEffect(async () => {
    last = await run('webhook-answers')
    return expected.test(`${last.code} ${last.said}`)
  }).catch((error: unknown) => assert.fail(`${last.code} ${last.said} (${String(error)})`))
}

test('helm test succeeds while the webhook answers, and fails when it does not', async () => {
  const service = await startService(cluster, { controller: false })
  const caPem = cluster.caPem
  await registerWebhook(cluster.admin, { url: service.webhookUrl, caPem })
  await webhookCheckSays(/^0 the webhook answers: .*denied the request: /)
  await service.stop()
  await webhookCheckSays(/^1 the webhook was not called, or did not answer: the CSR was admitted$/)
  await unregisterWebhook(cluster.admin)
  await registerWebhook(cluster.admin, { url: service.webhookUrl, caPem, failurePolicy: 'Fail' })
  await webhookCheckSays(/^1 the API server answers 500: .*failed calling webhook/)
})

test('API servers have the metrics of the webhook that alerts and dashboard ask for', async () => {
  const page = await cluster.admin.text('/metrics')
  const alerts = await readFile(join(CHART, 'monitoring', 'alerts.yaml'), 'utf8')
  const asked = new Set((alerts + dashboardJson).match(/apiserver_\w+/g))
  // exists only after a match condition failed: dashboard-run.proof.ts
  assert.ok(asked.delete('apiserver_admission_match_condition_evaluation_errors_total'))
  assert.ok(asked.size > 0)
  for (const name of asked)
    assert.match(page, new RegExp(`^${name}\\{[^}]*name="webhook\\.kubelet-csr-gate\\.io"`, 'm'))
  assert.match(page, /webhook_rejection_count\{error_type="calling_webhook_error",name="webhook\./)
})

test('helm test succeeds with a webhook that refuses nothing', async () => {
  await using service = await startService(cluster, { controller: false, policy: 'mode: dryRun' })
  await unregisterWebhook(cluster.admin)
  await registerWebhook(cluster.admin, { url: service.webhookUrl, caPem: cluster.caPem })
  await webhookCheckSays(/^0 the webhook answers, and this mode refuses nothing: /)
})

test('helm test succeeds with a webhook that leaves the CSRs of others than nodes alone', async () => {
  const caPem = cluster.caPem
  for (const [mode, said] of [
    ['enforce', /^0 the webhook answers: .*denied the request: ReviewTooLarge: /],
    ['approveOnly', /^0 the webhook answers, and this mode refuses nothing: .*ReviewTooLarge: /],
  ] as const) {
    const policy = `foreignRequesters: ignore\nmode: ${mode}`
    await using service = await startService(cluster, { controller: false, policy })
    await unregisterWebhook(cluster.admin)
    await registerWebhook(cluster.admin, { url: service.webhookUrl, caPem })
    await webhookCheckSays(said)
  }
})

test('helm test succeeds while a pod renews the Lease, and fails when none does', async () => {
  assert.match((await run('controller-leads')).said, /^the API server answers 404: /)
  const lease = { metadata: { name: NAME } }
  await create(LEASES, lease)
  assert.deepEqual(await run('controller-leads'), {
    code: 1,
    said: 'no pod holds the Lease: nothing is approved',
  })
  const renew = async (ageMs: number): Promise<void> => {
    const renewTime = new Date(Date.now() - ageMs).toISOString().replace('Z', '000Z')
    const spec = { holderIdentity: 'pod-0', renewTime }
    await cluster.adminRequest('PATCH', `${LEASES}/${NAME}`, { spec })
  }
  await renew(0)
  assert.deepEqual(await run('controller-leads'), { code: 0, said: 'pod-0 holds the Lease: it approves' })
  await renew(65_000)
  const { code, said } = await run('controller-leads')
  assert.equal(code, 1)
  assert.match(said, /^no pod holds the Lease: pod-0 renewed it 6\d s ago$/)
})

test('the clean-up removes the webhook, and succeeds when there is none', async () => {
  assert.deepEqual(await run('remove-webhook'), { code: 0, said: 'webhook removed' })
  assert.deepEqual(await run('remove-webhook'), { code: 0, said: 'webhook not found' })
})
