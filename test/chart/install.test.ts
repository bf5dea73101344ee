import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'yaml'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { parseBundle } from '../../server/tls/webhook-bundle.ts'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { writeKubeconfig } from '../kit/kubeconfig.ts'
import { freePort } from '../kit/ports.ts'
import { buildRequest } from '../kit/requests/request.ts'
import { allProfiles, objections } from './acceptance.ts'
import { definitionsMissing, installDefinitions } from './definitions.ts'
import { CHART, FULLNAME, helm, NAMESPACE, type Outcome, RELEASE, render } from './helm.ts'
import { type StandingGate, startStandingGate, startTurnstile } from './standing-webhook.ts'

const SECRET = `/api/v1/namespaces/${NAMESPACE}/secrets/${FULLNAME}-tls`
const WEBHOOK = `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${FULLNAME}`
const ROTATIONS = 50
/** Which of them replace the CA. */
const isAuthorityTurn = (turn: number): boolean => turn % 10 === 4
const LOAD_PER_SECOND = 20
const PATIENCE_MS = 30_000

const skip = await definitionsMissing()
const cleanUp = new AsyncDisposableStack()
let cluster: ControlPlane
let webhooks: readonly StandingGate[]
let values: { readonly webhook: object; readonly [value: string]: unknown }

before(async () => {
  cluster = cleanUp.use(await startControlPlane())
  const port = await freePort()
  values = {
    // the shape that works without a pod network, and so without pods: a webhook at a URL
    kind: 'DaemonSet',
    hostNetwork: true,
    webhook: { failurePolicy: 'Fail', port, url: `https://127.0.0.1:${port}/validate` },
  }
  await release(['install', RELEASE, CHART, '--create-namespace'])
  const kubeconfig = await podKubeconfig()
  const start = async (): Promise<StandingGate> =>
    cleanUp.use(await startStandingGate(kubeconfig, { propagationMs: 1_500 }))
  webhooks = [await start(), await start()]
  const turnstile = await startTurnstile(
    port,
    webhooks.map((webhook) => webhook.port),
  )
  cleanUp.defer(() => void turnstile.close())
  await until(() => webhooks.every(({ selfSigned }) => selfSigned.unready() === null))
})
after(() => cleanUp.disposeAsync())

async function release(args: readonly string[], changed: object = values): Promise<void> {
  const { ok, output } = await helm([...args, '--namespace', NAMESPACE], {
    kubeconfig: cluster.adminKubeconfig,
    ...(args[0] !== 'rollback' && args[0] !== 'uninstall' && { values: changed }),
  })
  assert.ok(ok, output)
}

/** What a pod of the release has: a token of its service account. */
async function podKubeconfig(): Promise<string> {
  const path = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${FULLNAME}/token`
  const { body } = await cluster.adminRequest('POST', path, { spec: { expirationSeconds: 3600 } })
  const token = textAt(objectAt(body, 'status'), 'token')
  return writeKubeconfig(join(cluster.directory, 'pod.kubeconfig'), cluster.url, {
    caPem: cluster.caPem,
    token,
  })
}

async function read(path: string): Promise<JsonObject> {
  const { status, body } = await cluster.adminRequest('GET', path)
  assert.equal(status, 200, path)
  return body
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!(await isSo())) {
    if (performance.now() > deadline) assert.fail(`not so after ${PATIENCE_MS / 1000} s: ${isSo.toString()}`)
    await sleep(50)
  }
}

const { request } = buildRequest()
const csr = (): JsonObject => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { generateName: 'load-' },
  spec: {
    request,
    signerName: 'kubernetes.io/kubelet-serving',
    usages: ['digital signature', 'server auth'],
  },
})

/** One dry-run create through the webhook; what went wrong, or null. */
async function create(): Promise<string | null> {
  const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests?dryRun=All'
  const { status, body } = await cluster.adminRequest('POST', path, csr())
  return status === 201 ? null : `${status} ${textAt(body, 'message')}`
}

/** Creates at a steady rate until told to end; returns what failed, and how many were made. */
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
  const takenUp = webhooks.map((webhook) => webhook.installed())
  const metadata = { annotations: { 'kubelet-csr-gate.io/rotate': what } }
  const { status } = await cluster.adminRequest('PATCH', SECRET, { metadata })
  assert.equal(status, 200)
  await until(() => webhooks.every((webhook, index) => webhook.installed() > (takenUp[index] ?? 0)))
}

/** The certificate that the Secret keeps is signed by one that the caBundle holds. */
async function assertTrusted(): Promise<void> {
  const { pem } = parseBundle(await read(WEBHOOK))
  const { data } = await read(SECRET)
  const leaf = new X509Certificate(Buffer.from(textAt(objectAt(data), 'tls.crt'), 'base64'))
  const authorities = pem.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? []
  assert.ok(authorities.some((one) => leaf.verify(new X509Certificate(one).publicKey)))
}

test('fifty rotations under load, five of them of the CA, fail no call', async (t) => {
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

test('upgrade, rollback and re-apply leave the Secret and the caBundle alone, and fail no call', async () => {
  const keptIn = async (): Promise<readonly unknown[]> => [
    (await read(SECRET))['data'],
    parseBundle(await read(WEBHOOK)).trusted,
  ]
  const kept = await keptIn()
  const stop = underLoad()
  for (const timeoutSeconds of [4, 5, 6, 3])
    await release(['upgrade', RELEASE, CHART], withWebhook({ timeoutSeconds }))
  await release(['rollback', RELEASE, '2'])
  assert.deepEqual(await keptIn(), kept)
  await release(['upgrade', RELEASE, CHART, '--server-side=false'])
  await release(['upgrade', RELEASE, CHART, '--server-side=true', '--force-conflicts'])
  const { failed } = await stop()
  assert.deepEqual(failed, [])
  assert.deepEqual(await keptIn(), kept)
})

test('what a forced replacement takes away is back at the next look', async () => {
  const leaf = async (): Promise<string> => textAt(objectAt(await read(SECRET), 'data'), 'tls.crt')
  const kept = await leaf()
  // Helm replaces the Secret first; a pod may put the webhook right before Helm comes to it, and Helm then gives up
  const replace = ['upgrade', RELEASE, CHART, '--server-side=false', '--force-replace']
  const replaced = async (): Promise<Outcome> =>
    helm([...replace, '--namespace', NAMESPACE], { kubeconfig: cluster.adminKubeconfig, values })
  const first = await replaced()
  const { ok, output } = first.output.includes('the object has been modified') ? await replaced() : first
  assert.ok(ok, output)
  await until(async () => (await leaf()) === kept && (await create()) === null)
})

test('every profile is taken without a warning, upgraded, rolled back and leaves nothing behind', {
  skip,
}, async () => {
  await installDefinitions(cluster)
  for (const profile of await allProfiles())
    assert.deepEqual(await objections(cluster, profile, 'helm'), [], profile.name)
})

test('the certificate may come from elsewhere later: Helm takes the caBundle over when told to', async () => {
  const [name, fullname] = ['switch', 'switch-kubelet-csr-gate']
  const webhook = WEBHOOK.replace(FULLNAME, fullname)
  const own = parse(await readFile(join(CHART, 'ci', 'existing-secret-values.yaml'), 'utf8'))
  await release(['install', name, CHART], {})
  // as a pod would have written it
  const { webhooks } = await read(webhook)
  const entry = objectAt(Array.isArray(webhooks) ? webhooks[0] : undefined)
  const caBundle = Buffer.from(`${own.webhook.caBundle}${own.webhook.caBundle}`).toString('base64')
  const written = [{ ...entry, clientConfig: { ...objectAt(entry, 'clientConfig'), caBundle } }]
  const path = `${webhook}?fieldManager=kubelet-csr-gate`
  assert.equal((await cluster.adminRequest('PATCH', path, { webhooks: written })).status, 200)
  const kubeconfig = cluster.adminKubeconfig
  const upgrade = ['upgrade', name, CHART, '--namespace', NAMESPACE]
  const refused = await helm(upgrade, { kubeconfig, values: own })
  assert.match(refused.output, /conflict with \\?"kubelet-csr-gate\\?" using .*caBundle/)
  await release(['upgrade', name, CHART, '--force-conflicts'], own)
  assert.equal(parseBundle(await read(webhook)).pem, own.webhook.caBundle)
  await release(['uninstall', name])
})

test('pods are admitted without a warning where the namespace enforces `restricted`', async () => {
  const namespace = 'restricted'
  const labels = Object.fromEntries(
    ['enforce', 'warn', 'audit'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']),
  )
  await cluster.adminRequest('POST', '/api/v1/namespaces', { metadata: { name: namespace, labels } })
  const [workload = {}] = await render({}, '--show-only', 'templates/workload.yaml')
  const { metadata, spec } = objectAt(workload, 'spec', 'template')
  await cluster.adminRequest('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, {
    metadata: { name: FULLNAME },
  })
  const pod = { metadata: { ...objectAt(metadata), name: 'webhook' }, spec }
  const answer = await cluster.adminRequest('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, pod)
  assert.equal(answer.status, 201, textAt(answer.body, 'message'))
  assert.deepEqual(answer.warnings, [])
  const deployment = await cluster.adminRequest(
    'POST',
    `/apis/apps/v1/namespaces/${namespace}/deployments?dryRun=All`,
    { ...workload, metadata: { name: FULLNAME, namespace } },
  )
  assert.deepEqual([deployment.status, deployment.warnings], [201, []])
})

test('uninstalling with no pod alive leaves no webhook, Secret or Lease behind, and creates go on', async () => {
  for (const webhook of webhooks) await webhook.selfSigned.stop()
  await release(['uninstall', RELEASE])
  for (const path of [
    SECRET,
    WEBHOOK,
    `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/${FULLNAME}`,
  ])
    assert.equal((await cluster.adminRequest('GET', path)).status, 404, path)
  await until(async () => (await create()) === null)
})

/** The release's values with others for the webhook. */
function withWebhook(changed: object): object {
  return { ...values, webhook: { ...values.webhook, ...changed } }
}
