import { setTimeout as sleep } from 'node:timers/promises'
import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { isObject } from '../../kit/client.ts'
import { CSRS, metadataOf, standingOf, textOf } from '../../kit/kubelet/csr.ts'
import type { JsonObject } from '../../../server/ports.ts'

/** `performance.now()`, or why it was denied. */
type Outcome = number | string

/** No burst is waited for longer than this. */
const PATIENCE_MS = 120_000

/** When each CSR was seen Approved, by a watch on all of them; one that ends is followed by a list and another. */
export class Approvals implements AsyncDisposable {
  readonly #cluster: ControlPlane
  readonly #seen = new Map<string, Outcome>()
  readonly #waiting = new Map<string, (outcome: Outcome) => void>()
  readonly #ended = new AbortController()
  #following: Promise<void> = Promise.resolve()

  private constructor(cluster: ControlPlane) {
    this.#cluster = cluster
  }

  /** Resolves once everything stored is known. */
  static async watch(cluster: ControlPlane): Promise<Approvals> {
    const approvals = new Approvals(cluster)
    const first = await approvals.#list()
    approvals.#following = approvals.#follow(first)
    return approvals
  }

  /** `performance.now()` when the CSR was seen Approved. Rejects when it is denied, or after two minutes. */
  async of(csr: string): Promise<number> {
    const outcome = this.#seen.get(csr) ?? (await this.#until(csr))
    if (typeof outcome === 'string') throw new Error(`${csr} was denied: ${outcome}`)
    return outcome
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort()
    await this.#following
  }

  async #until(csr: string): Promise<Outcome> {
    const outcome = new Promise<Outcome>((resolve) => this.#waiting.set(csr, resolve))
    const late = sleep(PATIENCE_MS, undefined, { ref: false }).then(() => {
      throw new Error(`${this.#waiting.size} CSRs are not approved after ${PATIENCE_MS / 1000} s`)
    })
    return await Promise.race([outcome, late])
  }

  async #follow(first: string): Promise<void> {
    let resourceVersion = first
    while (!this.#ended.signal.aborted) {
      const path = `${CSRS}?watch=1&timeoutSeconds=600&resourceVersion=${resourceVersion}`
      try {
        await this.#cluster.admin.watch(path, (csr) => this.#note(csr), this.#ended.signal)
      } catch {
        if (!this.#ended.signal.aborted) resourceVersion = await this.#list()
      }
    }
  }

  async #list(): Promise<string> {
    const { body } = await this.#cluster.adminRequest('GET', CSRS)
    if (Array.isArray(body['items'])) body['items'].filter(isObject).forEach((csr) => this.#note(csr))
    const metadata = isObject(body['metadata']) ? body['metadata'] : {}
    return textOf(metadata['resourceVersion']) ?? '0'
  }

  /** Never the last: there is always more to watch. */
  #note(csr: JsonObject): false {
    const { name } = metadataOf(csr)
    const { approved, denied, message } = standingOf(csr)
    if ((!approved && !denied) || this.#seen.has(name)) return false
    const outcome = approved ? performance.now() : (message ?? '')
    this.#seen.set(name, outcome)
    this.#waiting.get(name)?.(outcome)
    this.#waiting.delete(name)
    return false
  }
}
