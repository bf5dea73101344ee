import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { parseBundle } from '../../server/tls/webhook-bundle.ts'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { createCsr } from '../kit/kubelet/csr.ts'
import { freePort } from '../kit/ports.ts'
import { buildRequest } from '../kit/requests/request.ts'
import { until } from '../kit/until.ts'
import { profileProblems } from './acceptance.ts'
import { certificateSwitchProblems } from './certificate-switch.ts'
import { cleanupHookProblems } from './cleanup-hook.ts'
import { definitionsMissing, installDefinitions } from './definitions.ts'
import { allProfiles, CHART, FULLNAME, NAMESPACE, outside, RELEASE, render } from './helm.ts'
import { type Release, run } from './lifecycle.ts'
import { workloadsIn } from './objects.ts'
import { otherVersion } from './other-version.ts'
import { podKubeconfig } from './pod-account.ts'
import { type SelfSignedWebhook, startBalancer, startSelfSignedWebhook } from './self-signed-webhook.ts'

const SECRET = `/api/v1/namespaces/${NAMESPACE}/secrets/${FULLNAME}-tls`
const WEBHOOK = `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${outside(FULLNAME)}`
const ROTATIONS = 50
/** Every tenth replaces the CA. */
const isAuthorityTurn = (turn: number): boolean => turn % 10 === 4
const LOAD_PER_SECOND = 20
const EFFECT_MS = 30_000

const skip = await definitionsMissing()
const cleanUp = new AsyncDisposableStack()
let cluster: ControlPlane
let webhooks: readonly SelfSignedWebhook[]
let values: { readonly webhook: object; readonly [value: string]: unknown }

before(async () => {
  cluster = cleanUp.use(await startControlPlane())
  const port = await freePort()
  values = {
    // no pods run here: the webhook is called at a URL
    profile: 'controlPlane',
    // the chart refuses Fail at a loopback address while the controller could judge what is admitted
    controller: { enabled: false },
    webhook: { failurePolicy: 'Fail', port },
  }
  await release('install', RELEASE, CHART, '--create-namespace')
  const kubeconfig = await podKubeconfig(cluster, `${FULLNAME}-webhook`)
  const start = async (): Promise<SelfSignedWebhook> =>
    cleanUp.use(await startSelfSignedWebhook(kubeconfig, { propagationMs: 1_500 }))
  webhooks = [await start(), await start()]
  const balancer = await startBalancer(
    port,
    webhooks.map((webhook) => webhook.port),
  )
  cleanUp.defer(() => void balancer.close())
  const areReady = () => webhooks.every(({ rotator }) => rotator.problem() === null)
  await until(areReady, 'the webhooks are ready', EFFECT_MS)
})
after(() => cleanUp.disposeAsync())

const released = (): Release => ({ cluster, name: RELEASE, values, program: 'helm' })

async function release(...args: readonly string[]): Promise<void> {
  await run(released(), ...args)
}

async function read(path: string): Promise<JsonObject> {
  const { status, body } = await cluster.adminRequest('GET', path)
  assert.equal(status, 200, path)
  return body
}

const { request } = buildRequest()

/** Creates a CSR as a dry run, through the webhook; returns the error, or null. */
async function create(): Promise<string | null> {
  const { status, body } = await createCsr(cluster.admin, { request }, '?dryRun=All')
  return status === 201 ? null : `${status} ${textAt(body, 'message')}`
}

/** Creates CSRs at a constant rate. The returned function ends it, and returns their number and the errors. */
function underLoad(): () => Promise<{ made: number; failed: readonly string[] }> {
  const ending = new AbortController()
  const failed: string[] = []
  const calls: Promise<void>[] = []
  const running = (async () => {
    while (!ending.signal.aborted) {
      calls.push(create().then((fault) => void (fault !== null && failed.push(fault))))
      await sleep(1000 / LOAD_PER_SECOND)
    }
    await Promise.all(calls)
  })()
  return async () => {
    ending.abort()
    await running
    return { made: calls.length, failed }
  }
}

async function rotate(what: 'leaf' | 'ca'): Promise<void> {
  const counts = webhooks.map((webhook) => webhook.installed())
  const metadata = { annotations: { 'kubelet-csr-gate.io/rotate': what } }
  const { status } = await cluster.adminRequest('PATCH', SECRET, { metadata })
  assert.equal(status, 200)
  const areLoaded = () => webhooks.every((webhook, index) => webhook.installed() > (counts[index] ?? 0))
  await until(areLoaded, 'the webhooks load a new certificate', EFFECT_MS, 50)
}

/** The certificate in the Secret is signed by a CA in the caBundle. */
async function assertTrusted(): Promise<void> {
  const { pem } = parseBundle(await read(WEBHOOK))
  const { data } = await read(SECRET)
  const leaf = new X509Certificate(Buffer.from(textAt(objectAt(data), 'tls.crt'), 'base64'))
  const authorities = pem.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? []
  assert.ok(authorities.some((pemText) => leaf.verify(new X509Certificate(pemText).publicKey)))
}

test('fifty certificate rotations under load, five of them of the CA, fail no call', async (t) => {
  const stop = underLoad()
  for (let turn = 0; turn < ROTATIONS; turn++) {
    await rotate(isAuthorityTurn(turn) ? 'ca' : 'leaf')
    await assertTrusted()
  }
  const { made, failed } = await stop()
  assert.deepEqual(failed, [])
  const answered = webhooks.map((webhook) => webhook.answered())
  t.diagnostic(`${made} creates, 0 failed; answered ${answered.join(' and ')} over as many handshakes`)
  assert.ok(answered.every((count) => count > made / 4))
})

test('upgrade, rollback and re-apply keep the Secret and the caBundle, and fail no call', async () => {
  const keptIn = async (): Promise<readonly unknown[]> => [
    (await read(SECRET))['data'],
    parseBundle(await read(WEBHOOK)).trusted,
  ]
  const kept = await keptIn()
  const stop = underLoad()
  for (const timeoutSeconds of [4, 5, 6, 3])
    await run(withWebhook({ timeoutSeconds }), 'upgrade', RELEASE, CHART)
  await release('rollback', RELEASE, '2')
  assert.deepEqual(await keptIn(), kept)
  await release('upgrade', RELEASE, CHART, '--server-side=false')
  await release('upgrade', RELEASE, CHART, '--server-side=true', '--force-conflicts')
  const { failed } = await stop()
  assert.deepEqual(failed, [])
  assert.deepEqual(await keptIn(), kept)
})

test('an upgrade creates a deleted Secret again, the pods fill it with the same certificate, and no call fails', async () => {
  const leaf = async (): Promise<string> => {
    const { status, body } = await cluster.adminRequest('GET', SECRET)
    return status === 200 ? textAt(objectAt(body, 'data'), 'tls.crt') : ''
  }
  const kept = await leaf()
  const stop = underLoad()
  try {
    assert.equal((await cluster.adminRequest('DELETE', SECRET)).status, 200)
    await release('upgrade', RELEASE, await otherVersion(cluster.directory, '9.9.9'))
    await until(async () => (await leaf()) === kept, 'the Secret is filled again', EFFECT_MS, 50)
    await release('upgrade', RELEASE, CHART)
  } finally {
    assert.deepEqual((await stop()).failed, [])
  }
})

test('the pods write again what a forced replacement removed', async () => {
  const leaf = async (): Promise<string> => textAt(objectAt(await read(SECRET), 'data'), 'tls.crt')
  const kept = await leaf()
  // Helm replaces the Secret first. If a pod writes the webhook before Helm does, Helm gives up
  const replace = () => release('upgrade', RELEASE, CHART, '--server-side=false', '--force-replace')
  await replace().catch((error: Error) => {
    assert.match(error.message, /the object has been modified/)
    return replace()
  })
  const isRestored = async () => (await leaf()) === kept && (await create()) === null
  await until(isRestored, 'Secret and caBundle are restored', EFFECT_MS, 50)
})

test('every profile installs without a warning, upgrades, rolls back and leaves nothing behind', {
  skip,
}, async () => {
  await installDefinitions(cluster)
  for (const profile of await allProfiles())
    assert.deepEqual(await profileProblems(cluster, profile, 'helm'), [], profile.name)
})

test('a certificate of your own can replace the self-signed one: Helm takes over the caBundle when forced', async () => {
  const own = (await allProfiles()).find(({ name }) => name === 'existing-secret')
  const problems = await certificateSwitchProblems({
    ...released(),
    name: 'switch',
    values: own?.values ?? {},
  })
  assert.deepEqual(problems, [])
})

test('the clean-up hook runs before the webhook and the pods are deleted', async () => {
  assert.deepEqual(await cleanupHookProblems(cluster, 'helm'), [])
})

test('pods are admitted without a warning in a namespace that enforces `restricted`', async () => {
  const namespace = 'restricted'
  const labels = Object.fromEntries(
    ['enforce', 'warn', 'audit'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']),
  )
  await cluster.adminRequest('POST', '/api/v1/namespaces', { metadata: { name: namespace, labels } })
  const dryRun = (path: string, body: JsonObject) => cluster.adminRequest('POST', `${path}?dryRun=All`, body)
  for (const workload of workloadsIn(await render())) {
    const { metadata, spec } = objectAt(workload, 'spec', 'template')
    const name = textAt(objectAt(spec), 'serviceAccountName')
    await cluster.adminRequest('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, {
      metadata: { name },
    })
    const pod = { metadata: { ...objectAt(metadata), name: 'pod' }, spec }
    const answer = await dryRun(`/api/v1/namespaces/${namespace}/pods`, pod)
    assert.equal(answer.status, 201, textAt(answer.body, 'message'))
    assert.deepEqual(answer.warnings, [])
    const deployment = { ...workload, metadata: { name, namespace } }
    const { status, warnings } = await dryRun(`/apis/apps/v1/namespaces/${namespace}/deployments`, deployment)
    assert.deepEqual([status, warnings], [201, []])
  }
})

test('uninstalling without running pods leaves no webhook and no Secret behind, and CSRs can be created', async () => {
  for (const webhook of webhooks) await webhook.rotator.stop()
  await release('uninstall', RELEASE)
  for (const path of [SECRET, WEBHOOK])
    assert.equal((await cluster.adminRequest('GET', path)).status, 404, path)
  await until(async () => (await create()) === null, 'a CSR can be created', EFFECT_MS, 50)
})

/** The release with other values for the webhook. */
function withWebhook(changed: object): Release {
  return { ...released(), values: { ...values, webhook: { ...values.webhook, ...changed } } }
}
