/** What bad input gets at the webhook: the whole way from bytes to the answer, with the real judgement and no cluster. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileRules } from '../policies/rules.ts'
import { defaultSettings } from '../policies/settings.ts'
import { type AnswerParts, answerReview } from '../server/admission/answer.ts'
import { goodReview, partsFor } from '../server/admission/good-review.fixture.ts'
import { parseReview } from '../server/admission/review.ts'
import { readRequest, readUnverified } from '../server/pkcs10/request.ts'
import { FactCache } from '../server/facts/fact-cache.ts'
import { createJudge } from '../server/judge.ts'
import { FakeStore, noGrants } from '../server/facts/store.fixture.ts'
import { cpuTimeMs } from './kit/cpu-time.ts'
import { bytes, join, sequence, tlv } from './kit/requests/der.ts'
import { buildRequest, pemOf } from './kit/requests/request.ts'

/** CPU time of judging and answering, beyond what JSON.parse takes. */
const BEYOND_PARSE_MS = 50
/** The first ones compile. */
const TRIES = 5

const honest = buildRequest({
  commonName: 'system:node:n1',
  dnsNames: ['n1'],
  addresses: ['10.0.0.1'],
}).request
const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64')

interface World {
  readonly parts: AnswerParts
  /** The store of Nodes, which has heard nothing for a minute. */
  readonly nodes: FakeStore<never>
}

/** Knows no Node, and the API server does not answer. */
async function createWorld(): Promise<World> {
  const none = new FakeStore<never>({}, 'Nodes')
  none.ageMs = 60_000
  none.onRefresh = async () => undefined
  const sources = {
    nodes: none,
    csrs: none,
    reservations: () => [],
    serviceAddresses: () => none,
    apiServer: () => ({ host: '10.0.0.1', certificateNames: ['kubernetes'], certificateAddresses: [] }),
    ledger: noGrants,
    prober: null,
    now: Date.now,
  }
  const compiled = await compileRules(defaultSettings, '0123456789ab')
  assert.ok(compiled.ok)
  const rules = () => compiled.rules
  const quiet = () => undefined
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet }
  const clock = { serverNow: () => Date.UTC(2026, 10, 24, 8, 0, 1), monotonic: () => performance.now() }
  const facts = new FactCache(sources, readUnverified)
  const judge = createJudge({
    facts,
    newNodes: { deadline: () => 0, next: async () => false },
    parsed: { read: readRequest, keep: () => undefined },
    clock,
    log,
  })
  return { parts: partsFor(judge, { rules, clock, log }).parts, nodes: none }
}

/** The good review with another spec; by node n1 unless that is changed too. */
function reviewOf(spec: object): string {
  const review = goodReview()
  Object.assign(review.request.object.spec, { request: honest, ...spec })
  return JSON.stringify(review)
}

async function ask(world: World, body: string) {
  const answered = await answerReview(parseReview(Buffer.from(body)).review, 2_500, world.parts)
  assert.ok(answered.ok)
  return answered.answer.response
}

/** The quickest of a few tries, without what parsing the body takes. */
async function costOf(world: World, body: string): Promise<number> {
  const costs: number[] = []
  for (let tries = 0; tries < TRIES; tries += 1) {
    const started = cpuTimeMs()
    JSON.parse(Buffer.from(body).toString('utf8'))
    const parsed = cpuTimeMs()
    await ask(world, body)
    costs.push(cpuTimeMs() - parsed - (parsed - started))
  }
  return Math.min(...costs)
}

const refused: Readonly<Record<string, { readonly reason: string; readonly spec: object }>> = {
  'a request of 6 MiB': { reason: 'CsrUnreadable', spec: { request: 'A'.repeat(6 * 1024 * 1024) } },
  'a request just past 64 KiB of PEM': {
    reason: 'CsrUnreadable',
    spec: { request: base64(pemOf(new Uint8Array(64 * 1024))) },
  },
  'a request that is not base64': { reason: 'CsrUnreadable', spec: { request: '\u0000%%%' } },
  'a request that is not PEM': { reason: 'CsrUnreadable', spec: { request: base64('hello') } },
  'elements of two bytes, 30 KiB of them': {
    reason: 'CsrUnreadable',
    spec: { request: base64(pemOf(sequence(join(Array.from({ length: 15_000 }, () => bytes(5, 0)))))) },
  },
  'elements nested 2,000 deep': {
    reason: 'CsrUnreadable',
    spec: {
      request: base64(
        pemOf(Array.from({ length: 2_000 }).reduce<Uint8Array>((inner) => tlv(0x30, inner), bytes(5, 0))),
      ),
    },
  },
  '1,900 usages': {
    reason: 'UsagesNotServing',
    spec: { usages: Array.from({ length: 1_900 }, () => 'any') },
  },
  'a user name of 4 MiB': { reason: 'RequesterNotNode', spec: { username: 'x'.repeat(4 * 1024 * 1024) } },
  'a user name that would paint the terminal': {
    reason: 'RequesterNotNode',
    spec: { username: 'system:node:\u001B[31mn1\u202E\n' },
  },
  '1,900 groups': {
    reason: 'RequesterNotNode',
    spec: { groups: Array.from({ length: 1_900 }, () => 'g') },
  },
  'other groups than the caller has': {
    reason: 'RequesterNotNode',
    spec: { groups: ['system:nodes', 'system:masters'] },
  },
}

for (const [name, { reason, spec }] of Object.entries(refused)) {
  test(`${name}: refused with ${reason}, without a look-up, in bounded words and time`, async () => {
    const world = await createWorld()
    const body = reviewOf(spec)
    const { allowed, status } = await ask(world, body)
    assert.deepEqual([allowed, status?.code, status?.reason], [false, 403, reason])
    assert.match(status?.message ?? '', /^[\x20-\x7e\u2018-\u201d\u2026]{1,1024}$/u)
    assert.ok(JSON.stringify(status).length < 16_384)
    assert.equal(world.nodes.refreshes, 0)
    const cost = await costOf(world, body)
    assert.ok(cost < BEYOND_PARSE_MS, `${cost} ms beyond parsing`)
  })
}

test('a CSR of another signer is let through unread and without a look-up, also a node’s own client CSR', async () => {
  for (const signerName of [
    'kubernetes.io/kube-apiserver-client-kubelet',
    'kubernetes.io/kube-apiserver-client',
    'example.com/any',
  ]) {
    const world = await createWorld()
    const response = await ask(
      world,
      reviewOf({ signerName, request: 'A'.repeat(1024 * 1024), usages: ['any'] }),
    )
    assert.deepEqual([response.allowed, response.warnings, response.status], [true, undefined, undefined])
    assert.equal(world.nodes.refreshes, 0)
  }
})

test('an honest request is allowed with a warning while the API server does not answer, and is not approved', async () => {
  const world = await createWorld()
  const response = await ask(world, reviewOf({}))
  assert.equal(response.allowed, true)
  assert.equal(response.auditAnnotations?.['decision'], 'unknown')
  assert.ok((response.warnings ?? []).length > 0)
  assert.ok(world.nodes.refreshes > 0)
})

test('nesting and padding around a good review do not change its answer', async () => {
  const world = await createWorld()
  const body = reviewOf({})
  const nested = `${body.slice(0, -1)},"x":${'['.repeat(30)}${']'.repeat(30)}}`
  const padded = `${body.slice(0, -1)},"x":"${'x'.repeat(200_000)}"}`
  const plain = await ask(world, body)
  assert.deepEqual(await ask(world, nested), plain)
  assert.deepEqual(await ask(world, padded), plain)
})
