/** A node that asks without end, on a real control plane: what it gets, and what another node notices of it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts'
import type { Answer, Client } from './kit/client.ts'
import { createCsr, CSRS, listOf, metadataOf, standingOf, textOf, usernameOf } from './kit/kubelet/csr.ts'
import { startService } from './kit/service/service.ts'
import { registerWebhook, unregisterWebhook, untilInEffect } from './kit/service/webhook.ts'
import { TestNode } from './kit/kubelet/test-node.ts'
import { until } from './kit/until.ts'

/** As many as a second look at 0.1.0 had approved, all of them, in ten seconds. */
const FLOOD = 620
const PER_SECOND = 62
const BURST = 5
const JUDGED_MS = 30_000
/** What a node that joins waits, at most, while another asks without end. */
const JOIN_MS = 5_000

let cluster: ControlPlane
const stack = new AsyncDisposableStack()

before(async () => void (cluster = stack.use(await startControlPlane())))
after(async () => await stack.disposeAsync())

const join = async (name: string, address: string) => await new TestNode(cluster, name, address).join()

/** Creates CSRs on schedule, whether earlier ones were answered or not. */
async function flood(client: Client, request: () => string): Promise<Answer[]> {
  const started = performance.now()
  const answers: Promise<Answer>[] = []
  for (let index = 0; index < FLOOD; index++) {
    await sleep(Math.max(0, started + (index * 1_000) / PER_SECOND - performance.now()))
    answers.push(createCsr(client, { request: request() }))
  }
  return Promise.all(answers)
}

async function approvedOf(user: string): Promise<number> {
  const csrs = await listOf(cluster, CSRS)
  return csrs.filter((csr) => usernameOf(csr) === user && standingOf(csr).approved).length
}

/** While the flood lasts another node joins. Returns how many ms it waits for its approval. */
async function joinMeanwhile(name: string, address: string): Promise<number> {
  await sleep(4_000)
  const { kubelet } = await join(name, address)
  return (await kubelet.obtain(AbortSignal.timeout(20_000))).approvedMs
}

test('of one request sent 620 times one is approved, and a node that joins meanwhile does not wait', async (t) => {
  await using _service = await startService(cluster, { webhook: false })
  const node = await join('replays', '10.0.6.1')
  const { client, user } = node
  const same = node.request()
  const [answers, ms] = await Promise.all([flood(client, () => same), joinMeanwhile('joins-1', '10.0.6.2')])
  await sleep(2_000)
  const approved = await approvedOf(user)
  t.diagnostic(
    `${answers.length} created, ${approved} approved; another node is approved after ${ms.toFixed(0)} ms`,
  )
  assert.ok(answers.every(({ status }) => status === 201))
  assert.equal(approved, 1)
  assert.ok(ms < JOIN_MS, `${ms} ms`)
})

test('of 620 requests with new keys five are approved, also by a process that starts anew', async (t) => {
  const node = await join('floods', '10.0.6.3')
  const { client, user } = node
  const request = () => node.request()
  {
    await using _first = await startService(cluster, { webhook: false })
    const [, ms] = await Promise.all([flood(client, request), joinMeanwhile('joins-2', '10.0.6.4')])
    const approved = await approvedOf(user)
    t.diagnostic(`${approved} approved; another node is approved after ${ms.toFixed(0)} ms`)
    assert.equal(approved, BURST)
    assert.ok(ms < JOIN_MS, `${ms} ms`)
  }
  await using second = await startService(cluster, { webhook: false })
  const { body } = await createCsr(client, { request: request() })
  const { name } = metadataOf(body)
  assert.equal((await second.decisionOn(name, 'controller')).reason, 'TooManyRequests')
  assert.equal(await approvedOf(user), BURST)
})

test('the webhook refuses what is past the share, with the time after which the same request passes', async () => {
  await using service = await startService(cluster)
  await registerWebhook(cluster.admin, {
    url: service.webhookUrl,
    caPem: cluster.caPem,
    failurePolicy: 'Fail',
  })
  const node = await join('asks', '10.0.6.5')
  const { client, user } = node
  const request = () => node.request()
  const wrong = node.request({ dnsNames: ['kubernetes'] })
  await untilInEffect(async () => (await createCsr(client, { request: wrong }, '?dryRun=All')).status === 403)
  for (let index = 0; index < BURST; index++) await createCsr(client, { request: request() })
  await until(async () => (await approvedOf(user)) === BURST, 'the share is used', JUDGED_MS)
  const refused = await until(async () => {
    const answer = await createCsr(client, { request: request() })
    return answer.status === 429 && answer
  }, 'the webhook has seen it')
  const { body, retryAfter } = refused
  assert.equal(body['reason'], 'TooManyRequests')
  assert.match(
    textOf(body['message']) ?? '',
    /denied the request: TooManyRequests: this node has reached its limit of approvals\. The next can be at 20[-0-9]+ [:0-9]+ UTC$/u,
  )
  assert.ok(retryAfter !== null && retryAfter > 30 && retryAfter <= 60, `Retry-After: ${retryAfter}`)
  await unregisterWebhook(cluster.admin)
})
