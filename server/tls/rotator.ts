import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config.ts'
import type { Api, ApiAnswer, Clock, JsonObject, Log } from '../ports.ts'
import { LIFETIMES, type Lifetimes, type TrustedAuthority } from './authority.ts'
import { proveHandshake } from './handshake.ts'
import type { PemPair } from './serving-certificate.ts'
import { type Kept, type Pace, plan, type Serving, type Step, type View, wanted } from './rotation.ts'
import { readKept, writeKept } from './rotation-secret.ts'
import { parseBundle, readBundle, type WebhookBundle, writeBundle } from './webhook-bundle.ts'

export interface RotatorOptions {
  readonly api: Api
  readonly clock: Clock
  readonly log: Log
  /** `certificateRead(false)`: a problem remains after a reconciliation. */
  readonly recorder: { certificateServed(notAfter: Date): void; certificateRead(ok: boolean): void }
  /** All replicas share the Secret. Whoever installs them creates it, empty: the right to would make any Secret. */
  readonly config: {
    readonly namespace: string
    readonly tls: Pick<Config['tls'], 'secretName' | 'webhookConfiguration' | 'names'>
  }
  /** Uses a certificate for new connections. Throws if it cannot be used. */
  readonly serve: (pair: PemPair) => void
  readonly lifetimes?: Lifetimes
  /** Verifies a certificate before it is served. Default `proveHandshake`; tests with their own clock replace it. */
  readonly prove?: typeof proveHandshake
  readonly pollMs?: number
  readonly propagationMs?: number
}

/** A reconciliation without changes is two GETs by name: 8 GETs a minute per replica. */
const POLL_MS = 15_000
/** Interval while there is a problem, or after two replicas collided. */
const RETRY_MS = 2_000
/** API servers watch webhook configurations, and see a change within a second or two. */
const PROPAGATION_MS = 30_000
/** Another replica wrote first (409). This is not a problem: the state is read again. */
const LOST_RACE = 'lost the race'
const NO_CERTIFICATE = 'no serving certificate yet'
/** A first start takes 3 steps: found, publish, serve. Lost races add some. More would mean that replicas undo each other. */
const MAX_STEPS = 8

/** What was read in one turn. */
interface Seen {
  readonly secret: JsonObject
  readonly kept: Kept
  readonly bundle: WebhookBundle | null
}

/**
 * Maintains a CA and a serving certificate in a Secret, and the CA in the webhook's caBundle, and rotates both in time.
 * Every replica that keeps the certificate (`server/runs.ts`) runs one without a leader: a write with an old resourceVersion
 * is refused, and that replica reads the state again.
 */
export class CertificateRotator {
  readonly #options: RotatorOptions
  readonly #ending = new AbortController()
  #running: Promise<void> | undefined
  /** Monotonic time since which this replica has seen all wanted CAs in the caBundle. */
  #trustedSince: number | null = null
  serving: Serving | null = null
  /** The problem that the last reconciliation ended with, or null. */
  failure: string | null = NO_CERTIFICATE

  constructor(options: RotatorOptions) {
    this.#options = options
  }

  start(): this {
    this.#running ??= this.#run()
    return this
  }

  /** Resolves after the current reconciliation. */
  async stop(): Promise<void> {
    this.#ending.abort()
    await this.#running
  }

  /**
   * Why this replica has no certificate that API servers can verify, or null. For readiness. A leaf is served only after its CA
   * is in the caBundle, so only expiry counts.
   */
  problem(): string | null {
    if (this.serving === null) return this.failure ?? NO_CERTIFICATE
    const isAlive = this.#options.clock.serverNow() < this.serving.leaf.notAfter
    return isAlive ? null : 'the serving certificate has expired'
  }

  async #run(): Promise<void> {
    const { pollMs = POLL_MS } = this.#options
    const { signal } = this.#ending
    while (!signal.aborted) {
      const done = await this.reconcile()
      const pause = done ? pollMs : Math.min(pollMs, RETRY_MS)
      // Up to 20 % longer, so that replicas do not run at the same time.
      await sleep(pause * (1 + Math.random() / 5), undefined, { signal }).catch(() => undefined)
    }
  }

  /** Takes steps until nothing is left to do. Returns false to be called again soon. Never rejects. */
  async reconcile(): Promise<boolean> {
    try {
      return await this.#takeSteps()
    } catch (error) {
      // A bug, or a stored certificate that OpenSSL cannot read.
      this.#options.log.error({ err: error }, 'reconciling the serving certificate failed')
      return this.#fail('reconciling the serving certificate failed')
    }
  }

  async #takeSteps(): Promise<boolean> {
    for (let steps = 0; steps < MAX_STEPS; steps++) {
      const seen = await this.#read()
      if (typeof seen === 'string') return this.#fail(seen)
      const step = plan(this.#view(seen), this.#pace)
      if (step.kind === 'rest') return this.#succeed(seen)
      const fault = await this.#take(step, seen)
      if (fault === LOST_RACE) continue
      if (fault !== null) return this.#fail(`${nameOf(step)}: ${fault}`)
      this.#options.log.info(fieldsOf(step), 'self-signed certificate: step completed')
    }
    return false
  }

  /**
   * Reads the webhook before the Secret. Once another replica has published a CA that this read of the Secret misses, a
   * caBundle write based on this read is refused (409).
   */
  async #read(): Promise<Seen | string> {
    const { api, config } = this.#options
    const { webhookConfiguration } = config.tls
    const configuration = await readBundle(api, webhookConfiguration)
    if (!configuration.ok && configuration.status !== 404)
      return `cannot read ValidatingWebhookConfiguration ${webhookConfiguration}: ${configuration.message}`
    const secret = await api.call({ method: 'GET', path: this.#secretPath })
    if (!secret.ok) return `cannot read ${this.#secretPath}: ${secret.message}${adviceOn(secret)}`
    const parsed = configuration.ok ? parseBundle(configuration.object) : null
    const bundle = parsed !== null && parsed.entries.length > 0 ? parsed : null
    return { secret: secret.object, kept: readKept(secret.object), bundle }
  }

  #view({ kept, bundle }: Seen): View {
    const now = this.#options.clock.serverNow()
    const monotonic = this.#options.clock.monotonic()
    const isComplete = wanted(kept, now).every(({ id }) => bundle?.trusted.includes(id) ?? true)
    this.#trustedSince = isComplete ? (this.#trustedSince ?? monotonic) : null
    const trustedForMs = this.#trustedSince === null ? 0 : monotonic - this.#trustedSince
    return { now, names: this.#options.config.tls.names, kept, bundle, trustedForMs, serving: this.serving }
  }

  /** Carries out one step. Returns null, or why it failed. */
  async #take(step: Exclude<Step, { kind: 'rest' }>, seen: Seen): Promise<string | null> {
    switch (step.kind) {
      case 'serve':
        return (await this.#prove(step.serving, seen.bundle)) ?? this.#serve(step.serving)
      case 'publish':
        return this.#publish(seen, step.authorities)
      case 'store': {
        const { authority, leaf } = step.kept
        const isFirstOfItsCa = step.why === 'promote' && authority !== null && leaf !== null
        const fault = isFirstOfItsCa ? await this.#prove({ authority, leaf }, seen.bundle) : null
        return fault ?? faultOf(await this.#store(seen, step.kept))
      }
    }
  }

  #serve(serving: Serving): null {
    const { certificate: cert, key, notAfter } = serving.leaf
    this.#options.serve({ cert, key })
    this.#options.recorder.certificateServed(new Date(notAfter))
    this.serving = serving
    return null
  }

  async #publish({ bundle }: Seen, authorities: readonly TrustedAuthority[]): Promise<string | null> {
    const { api, config } = this.#options
    this.#trustedSince = null
    if (bundle === null) return null
    return faultOf(await writeBundle(api, config.tls.webhookConfiguration, bundle, authorities))
  }

  /** Conflicts (409) if another replica wrote the Secret since it was read. */
  #store({ secret }: Seen, kept: Kept): Promise<ApiAnswer> {
    const body = writeKept(secret, kept)
    return this.#options.api.call({ method: 'PUT', path: this.#secretPath, body })
  }

  /** Verifies a certificate for every name, with the caBundle that the API server has. */
  async #prove({ authority, leaf }: Serving, bundle: WebhookBundle | null): Promise<string | null> {
    const { config, prove = proveHandshake } = this.#options
    const pem = bundle?.pem ?? authority.certificate
    for (const name of config.tls.names) {
      const fault = await prove(leaf, pem, name)
      if (fault !== null) return `a handshake as ${name} failed: ${fault}`
    }
    return null
  }

  get #pace(): Pace {
    const { lifetimes = LIFETIMES, propagationMs = PROPAGATION_MS } = this.#options
    return { lifetimes, propagationMs }
  }

  get #secretPath(): string {
    const { namespace, tls } = this.#options.config
    return `/api/v1/namespaces/${namespace}/secrets/${tls.secretName}`
  }

  #fail(failure: string): false {
    if (this.failure !== failure)
      this.#options.log.warn({ problem: failure }, 'the serving certificate has a problem')
    this.failure = failure
    this.#options.recorder.certificateRead(false)
    return false
  }

  #succeed({ kept }: Seen): boolean {
    this.failure = null
    this.#options.recorder.certificateRead(true)
    // While a new CA is being introduced, reconcile more often.
    return kept.next === null
  }
}

function adviceOn({ status }: { readonly status: number }): string {
  return status === 404
    ? '. Install it again, empty, as the chart does: it is filled with the same certificate'
    : ''
}

const nameOf = (step: Step): string => (step.kind === 'store' ? step.why : step.kind)

/** Log fields for an operator to compare. The ids are SHA-256, as `openssl x509 -fingerprint -sha256` shows them. */
function fieldsOf(step: Step): object {
  const fields = { step: nameOf(step) }
  if (step.kind === 'publish') return { ...fields, authorities: step.authorities.map(({ id }) => id) }
  if (step.kind !== 'serve') return fields
  const { authority, leaf } = step.serving
  return { ...fields, leaf: leaf.id, authority: authority.id, expires: new Date(leaf.notAfter).toISOString() }
}

function faultOf(answer: ApiAnswer): string | null {
  if (answer.ok) return null
  return answer.status === 409 ? LOST_RACE : `${answer.reason}: ${answer.message}`
}
