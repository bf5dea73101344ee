/** Lets everything happen that the dashboard shows, and fails unless every panel has data. Runs in a network of its own. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { signAs } from '../faults/other-signer.ts'
import type { Kubelet } from '../kit/kubelet/kubelet.ts'
import { freePort } from '../kit/ports.ts'
import { signingCa } from '../kit/requests/certificate.ts'
import { servicePermissions } from '../kit/service/service-permissions.ts'
import { type Service, startService } from '../kit/service/service.ts'
import { changeWebhook, registerWebhook, type Registration } from '../kit/service/webhook.ts'
import { KubeletPage } from './kubelet-page.ts'
import { emptyPanels, panels } from './panels.ts'
import { startPrometheus } from './prometheus.ts'
import { TestNode } from '../kit/kubelet/test-node.ts'

/** Two scrapes see each state. */
const HOLD_MS = 2_500
/** While CSRs are being decided, Events wait up to ten seconds. */
const EVENTS_MS = 11_000
/** The leader looks at what was issued every 10 s. */
const LOOK_MS = 11_000
/** With the one at the end, as many as are approved at once. */
const RENEWALS = 4
const RENEW_EVERY_MS = 1_000
/** Often enough that the heap is collected twice. */
const ATTACK_EVERY_MS = 30
const RENEWED_WITHIN_MS = 60_000

interface Renewing {
  readonly kubelet: Kubelet
  readonly page: KubeletPage
}

/** Renews a few times. Failures are expected here: the API server is restarted, and the webhook is unreachable. */
async function renew({ kubelet, page }: Renewing, stop: AbortSignal): Promise<void> {
  for (let times = 0; times < RENEWALS && !stop.aborted; times++) {
    await page.obtain(kubelet, stop).catch(() => undefined)
    await sleep(RENEW_EVERY_MS, undefined, { signal: stop }).catch(() => undefined)
  }
}

/** A compromised node asks for the name of the API server, and for an address that its Node does not report. */
async function attack(node: TestNode, stop: AbortSignal): Promise<void> {
  const shapes = [{ dnsNames: [node.name, 'kubernetes.default.svc'] }, { addresses: ['10.0.0.99'] }]
  for (let turn = 0; !stop.aborted; turn++) {
    await node.ask(shapes[turn % shapes.length]).catch(() => undefined)
    await sleep(ATTACK_EVERY_MS)
  }
}

/** A match condition fails on an annotation that no CSR has, and the pods may not create Events. */
async function misconfigure(cluster: ControlPlane, registration: Registration): Promise<void> {
  const { namespace, name, rules } = servicePermissions(cluster)
  const granted = rules?.['default'] ?? []
  const others = granted.filter(({ resources }) => !JSON.stringify(resources).includes('events'))
  const role = `/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles/${namespace}:${name}`
  const matchCondition = "object.metadata.annotations['example.com/team'] == 'platform'"
  await changeWebhook(cluster.admin, { ...registration, matchCondition })
  await cluster.adminRequest('PATCH', role, { rules: others })
  await sleep(EVENTS_MS)
  await cluster.adminRequest('PATCH', role, { rules: granted })
}

/** The webhook is unreachable, first with Ignore, then with Fail. */
async function loseWebhook(cluster: ControlPlane, registration: Registration): Promise<void> {
  const url = `https://127.0.0.1:${await freePort()}/validate`
  for (const failurePolicy of ['Ignore', 'Fail'] as const) {
    await changeWebhook(cluster.admin, { ...registration, url, failurePolicy })
    await sleep(HOLD_MS)
  }
  await changeWebhook(cluster.admin, registration)
}

/** Policy and certificate change; at first both have faults. */
async function changeFiles(cluster: ControlPlane, pod: Service): Promise<void> {
  const holder = { commonName: 'kubelet-csr-gate', addresses: ['127.0.0.1'], days: 90 }
  const { certPem, keyPem } = await cluster.issue(holder)
  await pod.changePolicy('maxExpirationSeconds: soon')
  await writeFile(pod.files.cert, certPem)
  await sleep(HOLD_MS)
  await pod.changePolicy('maxExpirationSeconds: 86400')
  await writeFile(pod.files.key, keyPem)
  await sleep(HOLD_MS)
}

/** The pod does not answer Prometheus, for less than the duration of the Lease. */
async function stall({ child }: Service): Promise<void> {
  await child.pause()
  await sleep(HOLD_MS)
  child.resume()
}

/** A CSR waits for the signer, until another one issues what was not asked for. */
async function loseSigner(cluster: ControlPlane): Promise<void> {
  await cluster.pauseControllerManager()
  const node = { name: 'node-3', address: '10.0.0.3' }
  const change = { dnsNames: ['node-4'] }
  await signAs(cluster, node, { ca: signingCa(), change, afterMs: HOLD_MS })
  cluster.resumeControllerManager()
  await sleep(LOOK_MS + HOLD_MS)
}

async function everyPanelHasData(): Promise<void> {
  await using cluster = await startControlPlane()
  await using pod = await startService(cluster, { leaderElect: true, proof: 'warn' })
  const registration = { url: pod.webhookUrl, caPem: cluster.caPem }
  await registerWebhook(cluster.admin, registration)
  await using page = await KubeletPage.start()
  await using otherPage = await KubeletPage.start()
  const targets = { pods: [pod.metricsUrl], kubelets: [page.url, otherPage.url] }
  await using prometheus = await startPrometheus(cluster, targets)
  const first = await new TestNode(cluster, 'node-1', '10.0.0.1').join()
  const second = await new TestNode(cluster, 'node-2', '10.0.0.2').join()
  const kubelets = [
    { page, kubelet: first.kubelet },
    { page: otherPage, kubelet: second.kubelet },
  ]
  const started = performance.now()
  const stop = new AbortController()
  const traffic = [...kubelets.map((kubelet) => renew(kubelet, stop.signal)), attack(second, stop.signal)]
  await misconfigure(cluster, registration)
  await loseWebhook(cluster, registration)
  await changeFiles(cluster, pod)
  await stall(pod)
  // the counters of the API server start again at 0: this comes last
  await cluster.killApiServer()
  await cluster.restartApiServer()
  await sleep(HOLD_MS)
  stop.abort()
  await Promise.all(traffic)
  const honest = AbortSignal.timeout(RENEWED_WITHIN_MS)
  await Promise.all(kubelets.map(({ kubelet, page: shown }) => shown.obtain(kubelet, honest)))
  await loseSigner(cluster)
  const seconds = Math.ceil((performance.now() - started) / 1_000)
  const empty = await emptyPanels(panels, prometheus.query, seconds)
  // the pod is scraped before it leads only on a busy machine
  const wellIsZero = 'Releases without one leader: nothing but 0'
  assert.deepEqual(
    empty.filter((panel) => panel !== wellIsZero),
    [],
  )
}

await everyPanelHasData()
