/** What a real signer issues, under both layouts of CAs, and what is told of a signer that issues something else. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ControlPlane, type Options, startControlPlane } from './control-plane/control-plane.ts'
import { signAs } from './faults/other-signer.ts'
import { type CertificateShape, signingCa } from './kit/requests/certificate.ts'
import { freshKeys, type KeyName } from './kit/requests/keys.ts'
import { type Service, startService } from './kit/service/service.ts'
import { metricsPage } from './kit/service/metrics-page.ts'
import { until } from './kit/until.ts'
import { TestNode } from './kit/kubelet/test-node.ts'

const TIMEOUT_MS = 60_000
/** The leader looks at what was issued every 10 s. */
const LOOK_MS = 11_000

async function start(options: Options) {
  const stack = new AsyncDisposableStack()
  const cluster = stack.use(await startControlPlane(options))
  const service = stack.use(await startService(cluster, { webhook: false, drainSeconds: 0 }))
  return { cluster, service, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

async function obtain(cluster: ControlPlane, name: string, address: string, key?: KeyName) {
  const { kubelet } = await new TestNode(cluster, name, address, key === undefined ? {} : { key }).join()
  return (await kubelet.obtain(AbortSignal.timeout(TIMEOUT_MS))).certificate
}

const LAYOUTS = [
  { signer: 'shared', sharedCa: 'true' },
  { signer: 'own', sharedCa: 'false' },
] as const

for (const { signer, sharedCa } of LAYOUTS)
  test(`where the CA of kubelets is ${signer}, decisions and metrics tell that sharedCa is ${sharedCa}`, async () => {
    await using world = await start({ signer })
    const { cluster, service } = world
    const first = await obtain(cluster, 'n1', '10.0.3.1')
    const authority = new X509Certificate(cluster.kubeletCaPem)
    assert.ok(first.verify(authority.publicKey))
    assert.equal(first.verify(new X509Certificate(cluster.caPem).publicKey), signer === 'shared')
    const info = `kubelet_csr_gate_shared_ca_info{component="controller",shared_ca="${sharedCa}"} 1`
    await until(async () => (await metricsPage(service)).includes(info), info)
    // Its kubelet asks for key encipherment, too.
    await obtain(cluster, 'n2', '2001:db8::2', 'RSA-2048')
    // The kubelet has its certificate before the line of the decision is in the log.
    const decided = new RegExp(`"user":"system:node:n2".*"sharedCa":"${sharedCa}"`, 'u')
    await until(async () => decided.test(await service.tail()), `a decision with ${decided}`)
    await sleep(LOOK_MS)
    assert.deepEqual(await mismatches(service), [])
  })

/** What a signer other than kube-controller-manager's makes of a request, by what is told of it. */
const CHANGES: readonly (readonly [field: string, change: Partial<CertificateShape>])[] = [
  ['names', { dnsNames: ['kubernetes.default.svc'] }],
  ['publicKey', { keys: freshKeys('P-256') }],
  ['authority', { isAuthority: true, keyUsage: 0x86 }],
]

test('a signer that changes what it signs is told in the metrics and by an Event, each change once', async () => {
  await using world = await start({ signer: 'none' })
  const { cluster, service } = world
  const ca = signingCa()
  const cases = [['none', {}] as const, ...CHANGES]
  for (const [index, [, change]] of cases.entries()) {
    const node = { name: `n${index}`, address: `10.0.4.${index + 1}` }
    await signAs(cluster, node, { ca, change })
  }
  const told = CHANGES.map(([field]) => field)
  await until(async () => (await mismatches(service)).length === told.length, 'all are told', TIMEOUT_MS)
  assert.deepEqual((await mismatches(service)).toSorted(), told.map((field) => `${field} 1`).toSorted())
  const written = async () => (await eventsOf(cluster, 'IssuedMismatch')).length === told.length
  await until(written, 'an Event for each', TIMEOUT_MS)
})

/** Such as `names 1`, of each field that was told. */
async function mismatches(service: Service): Promise<string[]> {
  const found = (await metricsPage(service)).matchAll(
    /^kubelet_csr_gate_issued_mismatches_total\{.*field="(\w+)"\} ([1-9]\d*)$/gmu,
  )
  return [...found].map(([, field, count]) => `${field} ${count}`)
}

async function eventsOf(cluster: ControlPlane, reason: string): Promise<readonly unknown[]> {
  const { body } = await cluster.adminRequest(
    'GET',
    `/apis/events.k8s.io/v1/namespaces/default/events?fieldSelector=reason=${reason}`,
  )
  return Array.isArray(body['items']) ? body['items'] : []
}
