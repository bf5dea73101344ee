import type { Api, ApiAnswer, Clock, JsonObject, Log } from '../ports.ts'
import { LIFETIMES, type Lifetimes, type TrustedAuthority } from './authority.ts'
import type { PemPair } from './files.ts'
import { proveHandshake } from './handshake.ts'
import {
  type Kept,
  type Pace,
  plan,
  type Serving,
  type Step,
  type View,
  wanted,
  type Change,
  take,
} from './self-signed-plan.ts'
import { newSecret, readKept, writeKept } from './self-signed-secret.ts'
import { parseBundle, readBundle, type WebhookBundle, writeBundle } from './webhook-bundle.ts'

export interface SelfSignedOptions {
  readonly api: Api
  readonly clock: Clock
  readonly log: Log
  /** The Secret that all replicas share. If it does not exist, they create it. */
  readonly secret: { readonly namespace: string; readonly name: string }
  /** The ValidatingWebhookConfiguration whose caBundle the replicas maintain. */
  readonly webhookConfiguration: string
  /** DNS names and IP addresses under which API servers call the webhook, at least one. */
  readonly names: readonly string[]
  /** Called with the first certificate and every later one. Throws if it cannot be used. */
  readonly install: (serving: PemPair & { readonly notAfter: number }) => void
  /** Called after each reconciliation of Secret and webhook. `well` is false if a problem remains. */
  readonly reconciled?: (well: boolean) => void
  readonly lifetimes?: Lifetimes
  /** Verifies a certificate before it is served. Default `proveHandshake`; tests with their own clock replace it. */
  readonly prove?: typeof proveHandshake
  readonly pollMs?: number
  readonly propagationMs?: number
}

/** API servers watch webhook configurations, and see a change within a second or two. */
const PROPAGATION_MS = 30_000
/** Another replica wrote first (409). This is not a problem: the state is read again. */
const LOST_RACE = 'lost the race'
const NO_CERTIFICATE = 'no serving certificate yet'
/** A first start takes 3 steps: found, publish, serve. Lost races add some. More would mean that replicas undo each other. */
const MAX_STEPS = 8

interface Seen {
  readonly secret: JsonObject
  /** False if it does not exist, and `secret` is the one to create. */
  readonly isStored: boolean
  readonly kept: Kept
  readonly bundle: WebhookBundle | null
}

/** Reconciles the Secret, the caBundle and the certificate that this replica serves. */
export class Keeper {
  readonly #options: SelfSignedOptions
  /** Monotonic time since which this replica has seen all wanted CAs in the caBundle. */
  #trustedSince: number | null = null
  serving: Serving | null = null
  problem: string | null = NO_CERTIFICATE

  constructor(options: SelfSignedOptions) {
    this.#options = options
  }

  /** Why this replica is not ready, or null. A leaf is served only after its CA is in the caBundle, so only expiry counts. */
  unready(): string | null {
    if (this.serving === null) return this.problem ?? NO_CERTIFICATE
    const isAlive = this.#options.clock.serverNow() < this.serving.leaf.notAfter
    return isAlive ? null : 'the serving certificate has expired'
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
      const fault = await this.#take(step, seen)
      if (fault === LOST_RACE) continue
      if (fault !== null) return this.#fail(`${step.step}: ${fault}`)
      if (step.step === 'rest') return this.#succeed(seen)
      this.#options.log.info(
        { step: step.step, ...detailsOf(step) },
        'self-signed certificate: step completed',
      )
    }
    return false
  }

  /**
   * Reads the webhook before the Secret. Once another replica has published a CA that this read of the Secret misses, a
   * caBundle write based on this read is refused (409).
   */
  async #read(): Promise<Seen | string> {
    const { api, webhookConfiguration } = this.#options
    const configuration = await readBundle(api, webhookConfiguration)
    if (!configuration.ok && configuration.status !== 404)
      return `cannot read ValidatingWebhookConfiguration ${webhookConfiguration}: ${configuration.message}`
    const secret = await api.call({ method: 'GET', path: this.#secretPath })
    if (!secret.ok && secret.status !== 404) return `cannot read ${this.#secretPath}: ${secret.message}`
    const registered = configuration.ok ? configuration.object : {}
    const object = secret.ok ? secret.object : newSecret(this.#options.secret, registered)
    const parsed = configuration.ok ? parseBundle(configuration.object) : null
    const bundle = parsed !== null && parsed.entries.length > 0 ? parsed : null
    return { secret: object, isStored: secret.ok, kept: readKept(object), bundle }
  }

  #view({ kept, bundle }: Seen): View {
    const now = this.#options.clock.serverNow()
    const monotonic = this.#options.clock.monotonic()
    const isComplete = wanted(kept, now).every(({ id }) => bundle?.trusted.includes(id) ?? true)
    this.#trustedSince = isComplete ? (this.#trustedSince ?? monotonic) : null
    const trustedForMs = this.#trustedSince === null ? 0 : monotonic - this.#trustedSince
    return { now, names: this.#options.names, kept, bundle, trustedForMs, serving: this.serving }
  }

  /** Carries out one step. Returns null, or why it failed. */
  async #take(step: Step, seen: Seen): Promise<string | null> {
    switch (step.step) {
      case 'rest':
        return null
      case 'serve':
        return this.#serve(step.serving, seen)
      case 'publish':
        return this.#publish(seen, step.authorities)
      case 'found':
      case 'restore':
      case 'stage':
      case 'promote':
      case 'renew':
        return this.#change(step, seen)
    }
  }

  async #serve(serving: Serving, { bundle }: Seen): Promise<string | null> {
    const fault = await this.#prove(serving, bundle)
    if (fault !== null) return fault
    const { certificate: cert, key, notAfter } = serving.leaf
    const before = this.serving
    this.serving = serving
    try {
      this.#options.install({ cert, key, notAfter })
    } catch (error) {
      this.serving = before
      throw error
    }
    return null
  }

  async #publish({ bundle }: Seen, authorities: readonly TrustedAuthority[]): Promise<string | null> {
    const { api, webhookConfiguration } = this.#options
    this.#trustedSince = null
    return bundle === null ? null : faultOf(await writeBundle(api, webhookConfiguration, bundle, authorities))
  }

  async #change(change: Change, seen: Seen): Promise<string | null> {
    const { clock, names } = this.#options
    const { kept, bundle } = seen
    const after = take(change, kept, { now: clock.serverNow(), names, lifetimes: this.#pace.lifetimes })
    const { authority, leaf } = after
    if (change.step === 'promote' && authority !== null && leaf !== null) {
      const fault = await this.#prove({ authority, leaf }, bundle)
      if (fault !== null) return fault
    }
    return faultOf(await this.#store(seen, after))
  }

  /** Conflicts (409) if another replica wrote or created the Secret since it was read. */
  #store({ secret, isStored }: Seen, kept: Kept): Promise<ApiAnswer> {
    const { api } = this.#options
    const body = writeKept(secret, kept)
    return isStored
      ? api.call({ method: 'PUT', path: this.#secretPath, body })
      : api.call({ method: 'POST', path: secretsOf(this.#options.secret.namespace), body })
  }

  /** Verifies a certificate for every name, with the caBundle that the API server has. */
  async #prove({ authority, leaf }: Serving, bundle: WebhookBundle | null): Promise<string | null> {
    const { names, prove = proveHandshake } = this.#options
    const pem = bundle?.pem ?? authority.certificate
    for (const name of names) {
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
    const { namespace, name } = this.#options.secret
    return `${secretsOf(namespace)}/${name}`
  }

  #fail(problem: string): false {
    if (this.problem !== problem) this.#options.log.warn({ problem }, 'the serving certificate has a problem')
    this.problem = problem
    this.#options.reconciled?.(false)
    return false
  }

  #succeed({ kept }: Seen): boolean {
    this.problem = null
    this.#options.reconciled?.(true)
    // While a new CA is being introduced, reconcile more often.
    return kept.next === null
  }
}

function secretsOf(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/secrets`
}

/** Log fields for an operator to compare. The ids are SHA-256, as `openssl x509 -fingerprint -sha256` shows them. */
function detailsOf(step: Step): object {
  if (step.step === 'publish') return { authorities: step.authorities.map(({ id }) => id) }
  if (step.step !== 'serve') return {}
  const { authority, leaf } = step.serving
  return { leaf: leaf.id, authority: authority.id, expires: new Date(leaf.notAfter).toISOString() }
}

function faultOf(answer: ApiAnswer): string | null {
  if (answer.ok) return null
  return answer.status === 409 ? LOST_RACE : `${answer.reason}: ${answer.message}`
}
