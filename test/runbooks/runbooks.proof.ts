/** Each runbook is tried: its alert is provoked on a real control plane, and its commands show the cause. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { checks } from '../../policies/index.ts'
import { prometheusMissing } from '../chart/prometheus.ts'
import { registerEntry } from '../kit/service/webhook.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { untilAll } from '../kit/kubelet/test-node.ts'
import { signAs } from '../faults/other-signer.ts'
import { Kubelet } from '../kit/kubelet/kubelet.ts'
import { freePort } from '../kit/ports.ts'
import { signingCa } from '../kit/requests/certificate.ts'
import type { Service } from '../kit/service/service.ts'
import { changeWebhook, registerWebhook, type Registration } from '../kit/service/webhook.ts'
import { World } from './world.ts'

const skip = prometheusMissing
const CSRS = 'kubectl get csr --field-selector spec.signerName=kubernetes.io/kubelet-serving'
const LEASE = 'kubectl -n kubelet-csr-gate get lease kubelet-csr-gate -o yaml'
const APPROVED_WITHIN_MS = 60_000
/** A counter that appeared before the last scrape can increase. */
const SCRAPED_MS = 2_500

let world: World
let cluster: ControlPlane
let pod: Service
let registration: Registration

before(async () => {
  if (skip !== false) return
  world = await World.start()
  ;({ cluster, pod } = world)
  registration = { url: pod.webhookUrl, caPem: cluster.caPem }
  await registerWebhook(cluster.admin, registration)
})
after(async () => {
  if (skip === false) await world[Symbol.asyncDispose]()
})

const nowhere = async () => `https://127.0.0.1:${await freePort()}/validate`

test('DenialSpike: the reason of the alert is in the table of checks, and the policy has a hash', {
  skip,
}, async () => {
  const node = await world.joined()
  for (let asked = 0; asked <= 60; asked += 1) {
    await assert.rejects(node.ask({ dnsNames: ['kubernetes'] }), /NameReserved/)
    // the first is the series; the others increase it
    if (asked === 0) await sleep(SCRAPED_MS)
  }
  await world.isTrue('DenialSpike')
  assert.ok(checks.some(({ code }) => code === 'NameReserved'))
  await world.shows(
    'DenialSpike',
    'kubelet_csr_gate_policy_info',
    'kubelet_csr_gate_policy_info{hash=~"[0-9a-f]{12}"}',
  )
})

test('PolicyFaulty: the log lists the fault with its line, and a corrected file ends it', {
  skip,
}, async () => {
  await pod.changePolicy('proof: { addresses: off }\nmaxExpirationSeconds: soon')
  await world.isTrue('PolicyFaulty')
  const line = /maxExpirationSeconds/
  await world.logs('PolicyFaulty', 'lists every fault with line and column', { tail: () => pod.tail(), line })
  await pod.changePolicy('maxExpirationSeconds: 86400\nproof: { addresses: off }')
  await world.isFalse('PolicyFaulty')
})

test('CertificateExpiresSoon and CertificateExpires: a new certificate ends it without a restart', {
  skip,
}, async () => {
  await world.replaceCertificate(pod.files, 3)
  await world.isTrue('CertificateExpiresSoon')
  await world.replaceCertificate(pod.files, 1)
  await world.isTrue('CertificateExpires')
  const metric = 'certwatcher_read_certificate_errors_total'
  await world.shows('CertificateExpiresSoon', metric, metric)
  await world.replaceCertificate(pod.files, 90)
  await world.isFalse('CertificateExpiresSoon')
})

test('FailOpen: the log of the API server has the cause, and the controller still approves', {
  skip,
}, async () => {
  const node = await world.joined()
  await changeWebhook(cluster.admin, { ...registration, url: await nowhere() })
  await sleep(2_000)
  await node.ask()
  await sleep(SCRAPED_MS)
  const csr = await node.ask()
  await world.isTrue('FailOpen')
  const log = { tail: () => cluster.tailOf('kube-apiserver'), line: /failing open.*connection refused/iu }
  await world.logs('FailOpen', 'Failed calling webhook, failing open', log)
  await untilAll(cluster, [csr], ({ approved }) => approved, APPROVED_WITHIN_MS)
})

test('CallingError: the kubelet sees the cause, and without the configuration CSRs are created', {
  skip,
}, async () => {
  const node = await world.joined()
  await changeWebhook(cluster.admin, { ...registration, url: await nowhere(), failurePolicy: 'Fail' })
  await sleep(2_000)
  for (let times = 0; times < 2; times += 1) {
    await assert.rejects(node.ask(), /failed calling webhook.*connection refused/u)
    await sleep(SCRAPED_MS)
  }
  await world.isTrue('CallingError')
  const removed = await world.run(
    'CallingError',
    'kubectl delete validatingwebhookconfiguration -l app.kubernetes.io/name=kubelet-csr-gate',
  )
  assert.match(removed, /deleted/)
  await sleep(2_000)
  await untilAll(cluster, [await node.ask()], ({ approved }) => approved, APPROVED_WITHIN_MS)
})

test('GuardRefusals: the log has who approved what, and why it was refused', { skip }, async () => {
  await registerEntry(cluster, 'guard.kubelet-csr-gate.io', pod.webhookUrl)
  await sleep(2_000)
  // in mode enforce, the controller denies it after a while
  const csr = await (await world.joined()).ask({ dnsNames: ['not-its-name'] })
  const said = await world.run('OldestPendingTooLong', 'kubectl certificate approve NAME', { NAME: csr })
  assert.match(said, /denied the request: \w+/u)
  await world.isTrue('GuardRefusals')
  const line = new RegExp(
    `"component":"guard".*"csr":"${csr}".*"action":"refused".*"approver"|"approver".*"${csr}"`,
    'u',
  )
  await world.logs('GuardRefusals', '`component`, `csr`, `approver`, `reason`', {
    tail: () => pod.tail(),
    line,
  })
})

test('OldestPending and OldestPendingTooLong: the CSR is listed, and the log has the answer', {
  skip,
}, async () => {
  const node = await world.joined()
  let csr: string
  {
    await using _ = await world.without(null, (rule) => JSON.stringify(rule).includes('signers'))
    csr = await node.ask()
    await world.isTrue('OldestPending')
    await world.isTrue('OldestPendingTooLong')
    assert.match(await world.run('OldestPending', CSRS), new RegExp(`${csr} .*Pending`, 'u'))
    await world.describes('OldestPending', csr, /Status: +Pending/u)
    const line = /a decision could not be written/
    await world.logs('OldestPending', 'a decision could not be written', { tail: () => pod.tail(), line })
  }
  const approve = await world.run('OldestPendingTooLong', 'kubectl certificate approve NAME', { NAME: csr })
  assert.match(approve, /approved/u)
  await world.isFalse('OldestPending')
})

test('NotIssued: the CSR has an Event with the likely cause', { skip }, async () => {
  await cluster.pauseControllerManager()
  try {
    const csr = await (await world.joined()).ask()
    await world.isTrue('NotIssued', 62)
    await world.describes('NotIssued', csr, /NotIssued/u)
    await world.shows('NotIssued', 'kubelet_csr_gate_unissued_csrs', 'kubelet_csr_gate_unissued_csrs > 0')
  } finally {
    cluster.resumeControllerManager()
  }
  await world.isFalse('NotIssued')
})

test('IssuedMismatch: the CSR has an Event, and the log a line, with what differs', { skip }, async () => {
  const node = world.newcomer()
  await cluster.pauseControllerManager()
  try {
    await signAs(cluster, node, { ca: signingCa(), change: { dnsNames: ['node-4'] } })
  } finally {
    cluster.resumeControllerManager()
  }
  await world.isTrue('IssuedMismatch')
  const listed = await world.run('IssuedMismatch', CSRS)
  const csr =
    listed
      .split('\n')
      .find((line) => line.includes(`system:node:${node.name} `))
      ?.split(' ')[0] ?? ''
  await world.describes('IssuedMismatch', csr, /IssuedMismatch/u)
  const line = /an issued certificate is not what was approved/
  await world.logs('IssuedMismatch', 'an issued certificate is not what was approved', {
    tail: () => pod.tail(),
    line,
  })
})

test('EventLoopLag: the pod is named while it gets no CPU time', { skip }, async () => {
  await world.isFalse('EventLoopLag')
  const stalling = setInterval(() => {
    pod.child.signal('SIGSTOP')
    setTimeout(() => pod.child.signal('SIGCONT'), 400)
  }, 500)
  try {
    await world.isTrue('EventLoopLag')
  } finally {
    clearInterval(stalling)
    await sleep(500)
  }
})

test('NodesNotServing: nodes, CSRs and the metric show which kubelet has no certificate', {
  skip,
}, async () => {
  await world.isTrue('NodesNotServing')
  const ttl = 'kubelet_certificate_manager_server_ttl_seconds'
  await world.shows('NodesNotServing', `\`${ttl}\` as \`+Inf\``, `${ttl} == Inf`)
  assert.match(await world.run('NodesNotServing', 'kubectl get nodes'), /node-1 /u)
  assert.match(await world.run('NodesNotServing', CSRS), /Approved,Issued/u)
})

test('KubeletCertificateExpiresSoon and KubeletCertificateExpires: the query names the node', {
  skip,
}, async () => {
  const [page] = world.kubelets
  assert.ok(page !== undefined)
  const address = { type: 'InternalIP', address: '10.0.1.1' } as const
  const identity = { user: 'system:node:renewing', groups: ['system:nodes'] }
  const kubelet = new Kubelet(await cluster.clientFor(identity), { name: 'renewing', addresses: [address] })
  await kubelet.register()
  await kubelet.report()
  await page.obtain(kubelet, AbortSignal.timeout(APPROVED_WITHIN_MS))
  for (const alert of ['KubeletCertificateExpiresSoon', 'KubeletCertificateExpires']) {
    await world.isTrue(alert)
    const query = 'bottomk(10, kubelet_certificate_manager_server_ttl_seconds)'
    await world.shows(alert, query, `${query} and {instance="${new URL(page.url).host}"} < 366 * 86400`)
    const failures = 'kubelet_server_expiration_renew_errors'
    await world.shows(alert, failures, failures)
  }
})

test('NoLeader: the Lease is not renewed, and the log has the status of the answer', { skip }, async () => {
  await using _ = await world.without('kubelet-csr-gate', (rule) => JSON.stringify(rule).includes('leases'))
  await world.isTrue('NoLeader')
  const lease = await world.run('NoLeader', LEASE)
  const [, renewed = ''] = /renewTime: "?([^"\n]+)/u.exec(lease) ?? []
  assert.ok(Date.now() - Date.parse(renewed) > 10_000, lease)
  await world.logs('NoLeader', '`403` is a missing role', { tail: () => pod.tail(), line: /"status":403/u })
})

test('Down, WebhookDown and ControllerDown: the Lease shows whether a controller runs', {
  skip,
}, async () => {
  await world.isFalse('NoLeader')
  await pod.stop()
  for (const alert of ['Down', 'WebhookDown', 'ControllerDown']) await world.isTrue(alert)
  assert.match(await world.run('ControllerDown', LEASE), /renewTime|holderIdentity/u)
  const list = 'kubectl -n kubelet-csr-gate get pods -l app.kubernetes.io/component='
  for (const [alert, component] of [
    ['WebhookDown', 'webhook'],
    ['ControllerDown', 'controller'],
  ] as const)
    assert.match(await world.run(alert, `${list}${component}`), /No resources found/u)
})
