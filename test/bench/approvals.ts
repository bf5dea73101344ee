import type { ControlPlane } from '../cluster/control-plane.ts'
import { isObject } from '../cluster/client.ts'
import { CSRS, metadataOf, standingOf, textOf } from '../kubelets/csr.ts'

/** `performance.now()`, or why it was denied. */
type Outcome = number | string

/** When each CSR was seen Approved, by a watch on all of them. */
export class Approvals implements AsyncDisposable {
  readonly #seen = new Map<string, Outcome>()
  readonly #waiting = new Map<string, (outcome: Outcome) => void>()
  readonly #ended = new AbortController()
  readonly #watching: Promise<unknown>

  private constructor(cluster: ControlPlane, resourceVersion: string) {
    const path = `${CSRS}?watch=1&timeoutSeconds=600&resourceVersion=${resourceVersion}`
    this.#watching = cluster.admin
      .watch(path, (csr) => (this.#note(metadataOf(csr).name, standingOf(csr)), false), this.#ended.signal)
      .catch(() => undefined)
  }

  static async watch(cluster: ControlPlane): Promise<Approvals> {
    const { body } = await cluster.adminRequest('GET', `${CSRS}?limit=1`)
    const metadata = isObject(body['metadata']) ? body['metadata'] : {}
    return new Approvals(cluster, textOf(metadata['resourceVersion']) ?? '0')
  }

  /** `performance.now()` when the CSR was seen Approved. Rejects when it is denied. */
  async of(csr: string): Promise<number> {
    const outcome =
      this.#seen.get(csr) ?? (await new Promise<Outcome>((resolve) => this.#waiting.set(csr, resolve)))
    if (typeof outcome === 'string') throw new Error(`${csr} was denied: ${outcome}`)
    return outcome
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort()
    await this.#watching
  }

  #note(csr: string, { approved, denied, message }: ReturnType<typeof standingOf>): void {
    if ((!approved && !denied) || this.#seen.has(csr)) return
    const outcome = approved ? performance.now() : (message ?? '')
    this.#seen.set(csr, outcome)
    this.#waiting.get(csr)?.(outcome)
    this.#waiting.delete(csr)
  }
}
