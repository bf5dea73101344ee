import { setTimeout as sleep } from 'node:timers/promises'
import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { metadataOf, standingOf } from '../../kit/kubelet/csr.ts'
import type { JsonObject } from '../../../server/ports.ts'
import { watchCsrs } from './csr-watch.ts'

/** `performance.now()`, or why it was denied. */
type Outcome = number | string

/** No burst is waited for longer than this. */
const PATIENCE_MS = 120_000

/** When each CSR was seen Approved. */
export class Approvals implements AsyncDisposable {
  readonly #seen = new Map<string, Outcome>()
  readonly #waiting = new Map<string, (outcome: Outcome) => void>()
  readonly #watch: Promise<AsyncDisposable>

  private constructor(cluster: ControlPlane) {
    this.#watch = watchCsrs(cluster, (csr) => this.#note(csr))
  }

  /** Resolves once everything stored is known. */
  static async watch(cluster: ControlPlane): Promise<Approvals> {
    const approvals = new Approvals(cluster)
    await approvals.#watch
    return approvals
  }

  /** `performance.now()` when the CSR was seen Approved. Rejects when it is denied, or after two minutes. */
  async of(csr: string): Promise<number> {
    const outcome = this.#seen.get(csr) ?? (await this.#until(csr))
    if (typeof outcome === 'string') throw new Error(`${csr} was denied: ${outcome}`)
    return outcome
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#watch)[Symbol.asyncDispose]()
  }

  async #until(csr: string): Promise<Outcome> {
    const outcome = new Promise<Outcome>((resolve) => this.#waiting.set(csr, resolve))
    const late = sleep(PATIENCE_MS, undefined, { ref: false }).then(() => {
      throw new Error(`${this.#waiting.size} CSRs are not approved after ${PATIENCE_MS / 1000} s`)
    })
    return await Promise.race([outcome, late])
  }

  #note(csr: JsonObject): void {
    const { name } = metadataOf(csr)
    const { approved, denied, message } = standingOf(csr)
    if ((!approved && !denied) || this.#seen.has(name)) return
    const outcome = approved ? performance.now() : (message ?? '')
    this.#seen.set(name, outcome)
    this.#waiting.get(name)?.(outcome)
    this.#waiting.delete(name)
  }
}
