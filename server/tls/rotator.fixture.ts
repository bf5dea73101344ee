import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import type { Api, ApiAnswer, ApiCall, Clock, Json, JsonObject, Log } from '../ports.ts'
import { certificatesIn } from '../certificate-pem.ts'
import type { Leaf } from './authority.ts'
import { objectAt, textAt } from '../json.ts'
import { CertificateRotator } from './rotator.ts'
import { readKept, ROTATE_ANNOTATION } from './rotation-secret.ts'
import { parseBundle } from './webhook-bundle.ts'

const SECRET = '/api/v1/namespaces/system/secrets/webhook-tls'
const POLL_MS = 15_000
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }
const conflict: ApiAnswer = {
  ok: false,
  status: 409,
  reason: 'Conflict',
  message: 'the object has been modified',
  retryAfterMs: null,
}
const missing: ApiAnswer = {
  ok: false,
  status: 404,
  reason: 'NotFound',
  message: 'secrets "webhook-tls" not found',
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
  secret: JsonObject | null = { metadata: { resourceVersion: '1' } }
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
    if (this.secret === null) return missing
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
    const metadata = { ...objectAt(this.stored, 'metadata'), annotations: { [ROTATE_ANNOTATION]: value } }
    this.secret = this.#touched({ ...this.stored, metadata })
  }

  /** As an installation does, also after the Secret was deleted. */
  empty(): void {
    this.secret = this.#touched({ metadata: {} })
  }

  /** The Secret, which must exist. */
  get stored(): JsonObject {
    assert.ok(this.secret !== null)
    return this.secret
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

/** Replicas that keep one certificate, on a store and a clock of their own. */
export class Replicas {
  readonly store = new Store()
  readonly clock = new Time()
  readonly installed: string[] = []
  readonly outcomes: boolean[] = []
  rotators: readonly CertificateRotator[] = []
  /** The leaf that a webhook in another process serves. It reads the Secret as a mounted file: a minute late. */
  elsewhere: Leaf | null = null

  constructor(count: number) {
    this.restart(count)
  }

  /** New processes, which remember nothing. */
  restart(count = this.rotators.length): void {
    this.rotators = Array.from({ length: count }, () => this.#start())
  }

  /** The webhook in another process reads the Secret. A leaf that API servers cannot verify is an outage. */
  async readElsewhere(): Promise<void> {
    this.elsewhere = readKept(this.store.stored).leaf
    assert.ok(this.elsewhere !== null)
    assert.equal(await verify(this.elsewhere, this.bundle, 'webhook.system.svc'), null)
  }

  #start(): CertificateRotator {
    return new CertificateRotator({
      api: this.store,
      clock: this.clock,
      log: silent,
      config: {
        namespace: 'system',
        tls: {
          secretName: 'webhook-tls',
          webhookConfiguration: 'webhook',
          names: ['webhook.system.svc', '127.0.0.1'],
        },
      },
      serve: ({ cert }) => this.installed.push(cert),
      recorder: { certificateServed() {}, certificateRead: (well) => this.outcomes.push(well) },
      prove: verify,
    })
  }

  /** All replicas reconcile at the same time. Then the clock advances to the next interval. */
  async reconcile(times = 1): Promise<void> {
    for (let turn = 0; turn < times; turn++) {
      await Promise.all(this.rotators.map((rotator) => rotator.reconcile()))
      this.clock.at += POLL_MS
    }
  }

  get trusted(): readonly string[] {
    return parseBundle(this.store.webhook).trusted
  }

  get bundle(): string {
    return parseBundle(this.store.webhook).pem
  }

  /** Asserts that every replica serves the certificate of the Secret, and that the caBundle trusts it. */
  assertWell(): void {
    const { authority, leaf } = readKept(this.store.stored)
    assert.ok(authority !== null && leaf !== null)
    for (const rotator of this.rotators) {
      assert.equal(rotator.failure, null)
      assert.equal(rotator.problem(), null)
      assert.equal(rotator.serving?.leaf.id, leaf.id)
    }
    assert.ok(this.trusted.includes(authority.id))
  }
}

/** Verifies without a handshake: OpenSSL would use the machine's clock, not the test's. */
export async function verify(leaf: Leaf, bundle: string, name: string): Promise<string | null> {
  const certificate = new X509Certificate(leaf.certificate)
  const authorities = certificatesIn(bundle).map((pem) => new X509Certificate(pem))
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
