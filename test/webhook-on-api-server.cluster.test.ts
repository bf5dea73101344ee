/** What an API server makes of the webhook's answers, whatever it is that was judged. */
import assert from 'node:assert/strict'
import { connect, createServer, type Server } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import {
  createWebhookServer,
  type WebhookServer,
  type WebhookServerParts,
} from '../server/admission/server.ts'
import { decisionOf, deciding, partsFor, type Seen } from '../server/admission/good-review.fixture.ts'
import { defaultLimits } from '../server/admission/body.ts'
import type { Judge } from '../server/ports.ts'
import { issueAuthority, issueLeaf } from '../server/tls/authority.ts'
import type { Answer, Client } from './kit/client.ts'
import type { Cluster } from './kit/cluster.ts'
import { startCluster } from './kit/start-cluster.ts'
import { registerWebhook, untilInEffect } from './kit/service/webhook.ts'
import { buildRequest } from './kit/requests/request.ts'

const now = Date.now()
const authority = issueAuthority(now)
const newCertificate = () => {
  const { key, certificate } = issueLeaf(authority, ['127.0.0.1'], now)
  return { key, cert: certificate }
}
const request = buildRequest({ commonName: 'system:node:n1' }).request
const CSRS = '/apis/certificates.k8s.io/v1/certificatesigningrequests'

let cluster: Cluster
let node: Client
/** Between the API server and the webhook, as a Service is: each new connection goes to whichever webhook is current. */
let forwarder: Server
let current: Started
/** What the webhooks judge by now. */
let judge: Judge

interface Started {
  readonly webhook: WebhookServer
  readonly port: number
  readonly seen: Seen
}

async function startWebhook(limits: WebhookServerParts['limits'] = defaultLimits): Promise<Started> {
  const { parts, seen } = partsFor((input, rules) => judge(input, rules))
  const webhook = createWebhookServer({
    ...parts,
    certificate: newCertificate(),
    clientCa: null,
    callers: [],
    limits,
  })
  const { port } = await webhook.listen({ host: '127.0.0.1', port: 0 })
  return { webhook, port, seen }
}

/** Puts another webhook in place of the current one, as a rollout does: new connections go to it, the old ones drain. */
async function rollOver(limits?: WebhookServerParts['limits']): Promise<void> {
  const previous = current
  current = await startWebhook(limits)
  previous.webhook.drain()
  await create('?dryRun=All')
  await pause(500)
  await previous.webhook.close()
}

function create(query = '', metadata: object = {}): Promise<Answer> {
  return node.request('POST', `${CSRS}${query}`, {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { generateName: 'csr-', ...metadata },
    spec: {
      request,
      signerName: 'kubernetes.io/kubelet-serving',
      usages: ['digital signature', 'server auth'],
    },
  })
}

const refusing = decisionOf('deny', [
  {
    code: 'UsagesNotServing',
    field: 'spec.usages',
    outcome: 'violation',
    detail: 'usages are "client auth"',
  },
  { code: 'NameNotOfNode', outcome: 'notYet', detail: 'the Node does not report "x"' },
])
const unknown = decisionOf('unknown', [{ code: 'NodeUnknown', outcome: 'unknown', detail: 'no answer' }])
const error = decisionOf('error', [{ code: 'KeyTooWeak', outcome: 'error', detail: 'secret' }])

before(async () => {
  cluster = await startCluster()
  node = cluster.impersonate({ user: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] })
  judge = deciding(refusing)
  current = await startWebhook()
  forwarder = createServer((socket) => {
    const webhook = connect({ host: '127.0.0.1', port: current.port })
    socket.pipe(webhook).pipe(socket)
    for (const [one, other] of [
      [socket, webhook],
      [webhook, socket],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
  })
  await new Promise<void>((resolve) => forwarder.listen(0, '127.0.0.1', resolve))
  const address = forwarder.address()
  assert.ok(address !== null && typeof address === 'object')
  const url = `https://127.0.0.1:${address.port}/validate`
  await registerWebhook(cluster.admin, { url, caPem: authority.certificate, failurePolicy: 'Fail' })
  await untilInEffect(async () => (await create('?dryRun=All')).status === 403)
})

after(async () => {
  forwarder.close()
  await current.webhook.close()
  await cluster.stop()
})

test('a refusal reaches the client with code, reason, message and every cause, and nothing is stored', async () => {
  const { status, body } = await create()
  assert.equal(status, 403)
  assert.deepEqual(body, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    code: 403,
    reason: 'UsagesNotServing',
    message:
      'admission webhook "webhook.kubelet-csr-gate.io" denied the request: UsagesNotServing: usages are "client auth"',
    details: {
      name: Object(body['details']).name,
      group: 'certificates.k8s.io',
      kind: 'certificatesigningrequests',
      causes: [
        { reason: 'UsagesNotServing', message: 'usages are "client auth"', field: 'spec.usages' },
        { reason: 'NameNotOfNode', message: 'the Node does not report "x"', field: 'spec.request' },
      ],
    },
  })
  assert.match(Object(body['details']).name, /^csr-/u)
  assert.deepEqual((await cluster.admin.request('GET', CSRS)).body['items'], [])
})

test('a dry run is refused in the same way', async () => {
  assert.equal((await create('?dryRun=All')).status, 403)
  assert.equal(current.seen.reported.at(-1)?.dryRun, true)
})

test('a CSR that is padded past what the webhook reads gets an answer that refuses it, so that no failurePolicy lets it in', async () => {
  judge = deciding(decisionOf('approve'))
  const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, number) => [`l${number}`, '']))
  for (const [padding, because] of [
    [
      { annotations: { padding: 'x'.repeat(262_000) } },
      /the AdmissionReview is 26\d{4} bytes, more than 262144/u,
    ],
    [{ labels: many }, /the AdmissionReview has more than 2048 elements/u],
  ] as const) {
    const { status, body } = await create('', padding)
    assert.deepEqual([status, body['reason']], [413, 'ReviewTooLarge'])
    assert.match(JSON.stringify(body['message']), because)
  }
  assert.deepEqual((await cluster.admin.request('GET', CSRS)).body['items'], [])
})

test('what could not be judged is stored, with warnings to the client', async () => {
  judge = deciding(unknown)
  const { status, warnings } = await create()
  assert.equal(status, 201)
  assert.deepEqual(warnings, [
    '299 - "NodeUnknown: no answer"',
    '299 - "kubelet-csr-gate: allowed unjudged, which grants nothing"',
  ])
})

test('a bug refuses the request as an internal error without details', async () => {
  judge = deciding(error)
  const { status, body } = await create('?dryRun=All')
  assert.deepEqual([status, body['reason']], [500, 'InternalError'])
  assert.doesNotMatch(JSON.stringify(body), /secret/u)
})

test('a judgement that hangs is answered before the API server gives up', async () => {
  judge = () => Promise.withResolvers<never>().promise
  const { status, warnings } = await create('?dryRun=All')
  assert.deepEqual([status, warnings[0]], [201, '299 - "TimedOut: no decision within 2500 ms"'])
})

test('a shed review is asked again and answered within the same call', async () => {
  judge = deciding(decisionOf('approve'))
  await rollOver({ reviews: 1, bytes: 1024 * 1024 })
  const { seen } = current
  judge = async (subject) => {
    await pause(500)
    return deciding(decisionOf('approve'))(subject)
  }
  seen.counted.length = 0
  const first = create('?dryRun=All')
  await untilInEffect(async () => seen.counted.includes('inFlight 1'))
  const second = await create('?dryRun=All')
  assert.equal((await first).status, 201)
  assert.equal(second.status, 201)
  assert.ok(second.ms > 900, `${second.ms} ms`)
  assert.equal(seen.counted.filter((one) => one === 'shed').length, 1)
})

interface Load {
  calls: number
  going: boolean
  /** Messages of all answers that are not 201. */
  readonly failed: unknown[]
}

/** Creates CSRs, four at a time, while the work is done. */
async function underLoad(work: (load: Load) => Promise<void>): Promise<Load> {
  const load: Load = { calls: 0, going: true, failed: [] }
  const callers = Array.from({ length: 4 }, async () => {
    while (load.going) {
      const { status, body } = await create('?dryRun=All')
      load.calls += 1
      if (status !== 201) load.failed.push(body['message'])
    }
  })
  await work(load)
  load.going = false
  await Promise.all(callers)
  return load
}

test('webhooks that drain and end one after another fail no call, even under Fail', async (context) => {
  judge = deciding(decisionOf('approve'))
  let rollovers = 0
  const { calls, failed } = await underLoad(async (load) => {
    for (; rollovers < 10 || load.calls <= 100; rollovers += 1) await rollOver()
  })
  context.diagnostic(`${calls} calls over ${rollovers} rollovers, ${failed.length} failed`)
  assert.deepEqual(failed, [])
})

test('certificates swapped under load fail no call', async (context) => {
  judge = deciding(decisionOf('approve'))
  const { calls, failed } = await underLoad(async () => {
    for (let swap = 0; swap < 50; swap += 1) {
      current.webhook.serveCertificate(newCertificate())
      await pause(50)
    }
  })
  context.diagnostic(`${calls} calls over 50 swaps, ${failed.length} failed`)
  assert.deepEqual(failed, [])
})
