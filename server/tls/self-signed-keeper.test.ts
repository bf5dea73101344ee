import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Api, ApiAnswer, ApiCall, Clock, Json, JsonObject, Log } from '../ports.ts'
import { type Leaf, splitBundle } from './authority.ts'
import { objectAt, textAt } from '../json.ts'
import { Keeper } from './self-signed-keeper.ts'
import { readKept, ROTATE_ANNOTATION } from './self-signed-secret.ts'
import { parseBundle } from './webhook-bundle.ts'

const SECRET = '/api/v1/namespaces/system/secrets/webhook-tls'
const POLL_MS = 15_000
const DAY_MS = 24 * 60 * 60 * 1000
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }
const conflict: ApiAnswer = {
  ok: false,
  status: 409,
  reason: 'Conflict',
  message: 'the object has been modified',
  retryAfterMs: null,
}
const unreachable: ApiAnswer = {
  ok: false,
  status: 0,
  reason: 'Unreachable',
  message: 'connection refused',
  retryAfterMs: null,
}

/** Stores a Secret and a webhook configuration with resourceVersions, as an API server does. */
class Store implements Api {
  secret: JsonObject = { metadata: { resourceVersion: '1' } }
  webhook: JsonObject = {
    metadata: { resourceVersion: '1' },
    webhooks: [{ name: 'webhook.kubelet-csr-gate.io', clientConfig: { service: { name: 'webhook' } } }],
  }
  down = false
  #version = 1

  async call({ method, path, body = {} }: ApiCall): Promise<ApiAnswer> {
    // Replicas interleave between any two calls.
    for (let turns = Math.floor(Math.random() * 4); turns > 0; turns--) await Promise.resolve()
    if (this.down) return unreachable
    if (path === SECRET) return this.#secretCall(method, body)
    return this.#webhookCall(method, body)
  }

  #secretCall(method: string, body: JsonObject): ApiAnswer {
    if (method === 'PUT') {
      if (versionOf(body) !== versionOf(this.secret)) return conflict
      this.secret = this.#touched(body)
    }
    return { ok: true, status: 200, object: this.secret }
  }

  #webhookCall(method: string, body: JsonObject): ApiAnswer {
    if (method === 'PATCH') {
      if (versionOf(body) !== versionOf(this.webhook)) return conflict
      this.setBundle(objectAt(first(body), 'clientConfig')['caBundle'])
    }
    return { ok: true, status: 200, object: this.webhook }
  }

  setBundle(caBundle: Json | undefined): void {
    const entry = first(this.webhook)
    const clientConfig = { ...objectAt(entry, 'clientConfig'), caBundle }
    this.webhook = this.#touched({ ...this.webhook, webhooks: [{ ...entry, clientConfig }] })
  }

  annotate(value: string): void {
    const metadata = { ...objectAt(this.secret, 'metadata'), annotations: { [ROTATE_ANNOTATION]: value } }
    this.secret = this.#touched({ ...this.secret, metadata })
  }

  empty(): void {
    this.secret = this.#touched({ metadata: objectAt(this.secret, 'metadata') })
  }

  #touched(object: JsonObject): JsonObject {
    const resourceVersion = String(++this.#version)
    return { ...object, metadata: { ...objectAt(object, 'metadata'), resourceVersion } }
  }
}

class Time implements Clock {
  at = Date.parse('2026-11-24T08:00:00Z')
  serverNow(): number {
    return this.at
  }
  monotonic(): number {
    return this.at
  }
}

class Replicas {
  readonly store = new Store()
  readonly clock = new Time()
  readonly installed: string[] = []
  readonly outcomes: boolean[] = []
  readonly keepers: readonly Keeper[]

  constructor(count: number) {
    this.keepers = Array.from({ length: count }, () => this.#start())
  }

  #start(): Keeper {
    return new Keeper({
      api: this.store,
      clock: this.clock,
      log: silent,
      secret: { namespace: 'system', name: 'webhook-tls' },
      webhookConfiguration: 'webhook',
      names: ['webhook.system.svc', '127.0.0.1'],
      install: ({ cert }) => this.installed.push(cert),
      reconciled: (well) => this.outcomes.push(well),
      prove: verify,
    })
  }

  /** All replicas reconcile at the same time. Then the clock advances to the next interval. */
  async reconcile(times = 1): Promise<void> {
    for (let turn = 0; turn < times; turn++) {
      await Promise.all(this.keepers.map((keeper) => keeper.reconcile()))
      this.clock.at += POLL_MS
    }
  }

  get trusted(): readonly string[] {
    return parseBundle(this.store.webhook).trusted
  }

  /** Asserts that every replica serves the certificate of the Secret, and that the caBundle trusts it. */
  assertWell(): void {
    const { authority, leaf } = readKept(this.store.secret)
    assert.ok(authority !== null && leaf !== null)
    for (const keeper of this.keepers) {
      assert.equal(keeper.problem, null)
      assert.equal(keeper.unready(), null)
      assert.equal(keeper.serving?.leaf.id, leaf.id)
    }
    assert.ok(this.trusted.includes(authority.id))
  }
}

/** Verifies without a handshake: OpenSSL would use the machine's clock, not the test's. */
async function verify(leaf: Leaf, bundle: string, name: string): Promise<string | null> {
  const certificate = new X509Certificate(leaf.certificate)
  const authorities = splitBundle(bundle).map((pem) => new X509Certificate(pem))
  const isTrusted = authorities.some((authority) => certificate.verify(authority.publicKey))
  return isTrusted && (certificate.checkHost(name) ?? certificate.checkIP(name)) !== undefined ? null : 'no'
}

function versionOf(object: JsonObject): string {
  return textAt(objectAt(object, 'metadata'), 'resourceVersion')
}

function first(configuration: JsonObject): JsonObject {
  const { webhooks } = configuration
  const [entry]: readonly Json[] = Array.isArray(webhooks) ? webhooks : []
  return objectAt(entry)
}

test('three replicas that start at once agree on one CA and one certificate', async () => {
  const replicas = new Replicas(3)
  await replicas.reconcile(2)
  replicas.assertWell()
  assert.equal(new Set(replicas.installed).size, 1)
  assert.ok(
    replicas.outcomes.every((well) => well),
    'losing a race is not a problem',
  )
  assert.equal(replicas.trusted.length, 1)
})

test('a replica is not ready before its certificate can be verified', async () => {
  const replicas = new Replicas(1)
  const [keeper] = replicas.keepers
  assert.equal(keeper?.unready(), 'no serving certificate yet')
  replicas.store.down = true
  await replicas.reconcile()
  assert.equal(keeper?.unready(), 'cannot read ValidatingWebhookConfiguration webhook: connection refused')
  replicas.store.down = false
  await replicas.reconcile()
  assert.equal(keeper?.unready(), null)
})

test('readiness does not depend on the API server once a certificate is served, until it expires', async () => {
  const replicas = new Replicas(1)
  await replicas.reconcile(2)
  replicas.store.down = true
  await replicas.reconcile()
  const [keeper] = replicas.keepers
  assert.equal(keeper?.problem, 'cannot read ValidatingWebhookConfiguration webhook: connection refused')
  assert.deepEqual(replicas.outcomes, [true, true, false])
  assert.equal(keeper?.unready(), null)
  replicas.clock.at += 91 * DAY_MS
  assert.equal(keeper?.unready(), 'the serving certificate has expired')
})

test('over six years, certificates and the CA are replaced in time, once each', async () => {
  const replicas = new Replicas(2)
  await replicas.reconcile(2)
  const authorities = new Set<string | undefined>()
  for (let day = 0; day < 6 * 365; day += 20) {
    replicas.clock.at += 20 * DAY_MS
    await replicas.reconcile(4)
    replicas.assertWell()
    authorities.add(readKept(replicas.store.secret).authority?.id)
  }
  assert.equal(authorities.size, 2)
  // 6 years with a renewal every 60 days are 36, plus the first one. The new CA adds one.
  assert.ok(new Set(replicas.installed).size >= 36)
  assert.ok(new Set(replicas.installed).size <= 39)
})

test('a caBundle that was changed from outside is restored at the next reconciliation', async () => {
  const replicas = new Replicas(2)
  await replicas.reconcile(2)
  const before = replicas.trusted
  replicas.store.setBundle(undefined)
  await replicas.reconcile()
  assert.deepEqual(replicas.trusted, before)
  replicas.store.setBundle(Buffer.from('junk').toString('base64'))
  await replicas.reconcile()
  assert.deepEqual(replicas.trusted, before)
})

test('a Secret that was emptied is filled again with the same certificate', async () => {
  const replicas = new Replicas(2)
  await replicas.reconcile(2)
  const before = new Set(replicas.installed)
  replicas.store.empty()
  await replicas.reconcile(2)
  replicas.assertWell()
  assert.deepEqual(new Set(replicas.installed), before)
})

/** Events between two reconciliations. */
const happening = fc.constantFrom(
  'leaf',
  'ca',
  'caBundle lost',
  'secret emptied',
  'outage',
  'a month',
  'nothing',
)

test('no sequence of events removes the CA of a served certificate from the caBundle', async () => {
  const run = fc.asyncProperty(fc.array(happening, { maxLength: 12 }), async (happenings) => {
    const replicas = new Replicas(3)
    await replicas.reconcile(2)
    const lost = recordLost(replicas)
    for (const what of happenings) {
      happen(replicas, what)
      await replicas.reconcile()
      replicas.store.down = false
      await replicas.reconcile(4)
      replicas.assertWell()
    }
    assert.deepEqual(lost, [])
  })
  await fc.assert(run, { numRuns: 20 })
})

function happen({ store, clock }: Replicas, what: string): void {
  if (what === 'leaf' || what === 'ca') store.annotate(what)
  if (what === 'caBundle lost') store.setBundle(undefined)
  if (what === 'secret emptied') store.empty()
  if (what === 'outage') store.down = true
  if (what === 'a month') clock.at += 30 * DAY_MS
}

/** Records every write that removes the CA of a served certificate from the caBundle. */
function recordLost({ store, keepers }: Replicas): readonly string[] {
  const lost: string[] = []
  const before = store.call.bind(store)
  store.call = async (call) => {
    const answer = await before(call)
    if (call.method !== 'PATCH' || !answer.ok) return answer
    const { trusted } = parseBundle(answer.object)
    for (const { serving } of keepers)
      if (serving !== null && !trusted.includes(serving.authority.id)) lost.push(serving.authority.id)
    return answer
  }
  return lost
}
