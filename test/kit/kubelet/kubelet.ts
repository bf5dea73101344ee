/**
 * An honest kubelet, as far as its serving certificate goes: it registers its Node with its own credentials, asks
 * for what that Node reports, waits, and asks again with a new key at a stock kubelet's pace.
 */
import { X509Certificate } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Client } from '../client.ts'
import type { Pair } from '../pki.ts'
import { buildRequest } from '../requests/request.ts'
import { freshKeys } from '../requests/keys.ts'
import type { KeyName, Keys } from '../requests/keys.ts'
import type { JsonObject } from '../../../server/ports.ts'
import { sansOf } from './addresses.ts'
import type { NodeAddress } from './addresses.ts'
import { createCsr, CSRS, metadataOf, SERVING, SERVING_WITH_ENCIPHERMENT, standingOf, textOf } from './csr.ts'
import type { CsrBody, Standing } from './csr.ts'

export interface KubeletOptions {
  readonly name: string
  /** What it knows of itself. */
  readonly addresses: readonly NodeAddress[]
  /** Default P-256, as every stock kubelet. */
  readonly key?: KeyName
  /** Ask for key encipherment also with a key that has no use for it, as kubelets before 1.27 did. */
  readonly keyEncipherment?: boolean
  /** Is told of each new certificate, which its machine then serves. */
  readonly serve?: (pair: Pair) => Promise<void>
}

export interface Obtained {
  readonly csr: string
  readonly certificate: X509Certificate
  readonly pem: string
  /** From the create that succeeded: until Approved was seen, and until the certificate was. */
  readonly approvedMs: number
  readonly issuedMs: number
  /** From the first try. */
  readonly totalMs: number
  /** Why earlier tries failed, in order: refused at creation, Denied or Failed. */
  readonly refusals: readonly string[]
}

/** client-go's certificate manager: Backoff{2s, factor 2, jitter 0.1, steps 5}, then every 32 s. */
const FIRST_DELAY_MS = 2_000
const LAST_DELAY_MS = 32_000
/** client-go certificateWaitTimeout. */
const WAIT_MS = 15 * 60_000
/** client-go rest/request.go, maxRetries. */
const RETRIES = 10
/** A status update that meets another's is repeated, as a kubelet does. */
const CONFLICT_TRIES = 5

export class Kubelet {
  readonly name: string
  readonly #client: Client
  readonly #options: KubeletOptions

  constructor(client: Client, options: KubeletOptions) {
    this.name = options.name
    this.#client = client
    this.#options = options
  }

  /** Creates its Node; `spec` for what a kubelet may say there: podCIDRs, taints. Reports nothing yet. */
  async register(spec: JsonObject = {}): Promise<void> {
    const labels = { 'kubernetes.io/hostname': this.name, 'kubernetes.io/os': 'linux' }
    const node = { metadata: { name: this.name, labels }, spec }
    const { status, body } = await this.#client.request('POST', '/api/v1/nodes', node)
    if (status !== 201) throw new Error(`${this.name} cannot register: ${status} ${textOf(body['message'])}`)
  }

  /** Replaces what its Node reports; by default with what it knows of itself. */
  async report(addresses: readonly NodeAddress[] = this.#options.addresses): Promise<void> {
    const path = `/api/v1/nodes/${this.name}/status`
    const patch = { status: { addresses: addresses.map(({ type, address }) => ({ type, address })) } }
    for (let tries = 0; ; tries++) {
      const { status, body } = await this.#client.request('PATCH', path, patch)
      if (status === 200) return
      if (status !== 409 || tries >= CONFLICT_TRIES) {
        throw new Error(`${this.name} cannot report its addresses: ${status} ${textOf(body['message'])}`)
      }
    }
  }

  /** Asks until it has a certificate for what it knows of itself; at first for `first`. `signal` ends the wait. */
  async obtain(signal: AbortSignal, first = this.#options.addresses): Promise<Obtained> {
    const started = performance.now()
    const refusals: string[] = []
    for (let delay = FIRST_DELAY_MS; ; delay = Math.min(delay * 2, LAST_DELAY_MS)) {
      const outcome = await this.#ask(refusals.length === 0 ? first : this.#options.addresses, signal)
      if (typeof outcome !== 'string') return { ...outcome, totalMs: performance.now() - started, refusals }
      refusals.push(outcome)
      await this.#pause(delay * (1 + Math.random() / 10), signal, outcome)
    }
  }

  async #pause(ms: number, signal: AbortSignal, refusal: string): Promise<void> {
    try {
      await sleep(ms, undefined, { signal })
    } catch (cause) {
      throw new Error(`${this.name} has no certificate: ${refusal}`, { cause })
    }
  }

  /** One CSR with a key of its own: what came of it, or why nothing did. */
  async #ask(addresses: readonly NodeAddress[], signal: AbortSignal) {
    const { key = 'P-256', keyEncipherment = key.startsWith('RSA') } = this.#options
    const keys = freshKeys(key)
    const { request } = buildRequest({
      key: keys,
      commonName: `system:node:${this.name}`,
      ...sansOf(addresses),
    })
    const usages = keyEncipherment ? SERVING_WITH_ENCIPHERMENT : SERVING
    const created = performance.now()
    const { status, body } = await this.#create({ request, usages }, signal)
    if (status !== 201) return textOf(body['message']) ?? `status ${status}`
    const { name, uid } = metadataOf(body)
    let approvedMs = Number.NaN
    const standing = await this.#follow(name, uid, signal, (seen) => {
      if (seen.approved) approvedMs ||= performance.now() - created
      return seen.denied || seen.failed || seen.certificate !== null
    })
    if (standing.certificate === null) return standing.message ?? 'Denied without a message'
    const certificate = checkedCertificate(standing.certificate, keys)
    const issuedMs = performance.now() - created
    await this.#options.serve?.({ certPem: standing.certificate, keyPem: pemOf(keys) })
    return { csr: name, certificate, pem: standing.certificate, approvedMs, issuedMs }
  }

  /** As client-go does, asks again with the same request when it is told after what time. */
  async #create(csr: CsrBody, signal: AbortSignal): Promise<Answer> {
    for (let tries = 0; ; tries++) {
      const answer = await createCsr(this.#client, csr)
      const { status, retryAfter } = answer
      if (status !== 429 || retryAfter === null || tries >= RETRIES) return answer
      await this.#pause(retryAfter * 1_000, signal, textOf(answer.body['message']) ?? 'status 429')
    }
  }

  /** Watches one CSR until `settled`; a watch that ends is opened again. */
  async #follow(name: string, uid: string, signal: AbortSignal, settled: (seen: Standing) => boolean) {
    const path = `${CSRS}?watch=1&timeoutSeconds=300&fieldSelector=metadata.name%3D${name}`
    const limit = AbortSignal.any([signal, AbortSignal.timeout(WAIT_MS)])
    for (;;) {
      try {
        const isSettled = (csr: JsonObject) => metadataOf(csr).uid === uid && settled(standingOf(csr))
        return standingOf(await this.#client.watch(path, isSettled, limit))
      } catch (cause) {
        if (limit.aborted) throw new Error(`${this.name} waits in vain for ${name}`, { cause })
        await sleep(100)
      }
    }
  }
}

function pemOf({ privateKey }: Keys): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** A certificate for another key would be a bug of the cluster, or of this test. */
function checkedCertificate(pem: string, { privateKey }: Keys): X509Certificate {
  const certificate = new X509Certificate(pem)
  if (!certificate.checkPrivateKey(privateKey)) throw new Error('the certificate is for another key')
  return certificate
}
