import type { CsrObject } from '../../policies/types.ts'
import { isWaiting, RECHECK_MS } from './reconcile.ts'

type Named = Pick<CsrObject, 'name' | 'uid'>

/** CSRs that are Pending by what the watch last told, and with which there is nothing to do. */
export class AtRest {
  /** By name, their uid: until they or what they are judged by changes. */
  readonly #settled = new Map<string, string>()
  /** Until the watch tells of it; one that does not may be of an etcd that was restored from before. */
  readonly #decided = new Map<string, { readonly uid: string; readonly until: number }>()
  readonly #monotonic: () => number

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
  }

  settle({ name, uid }: Named): void {
    this.#settled.set(name, uid)
  }

  decide({ name, uid }: Named): void {
    this.#decided.set(name, { uid, until: this.#monotonic() + RECHECK_MS })
  }

  /** What they were judged by has changed. */
  unsettle(): void {
    this.#settled.clear()
  }

  forget(name: string): void {
    this.#settled.delete(name)
    this.#decided.delete(name)
  }

  /** Whether it has yet to be decided. */
  isOpen(csr: CsrObject): boolean {
    const decided = this.#decided.get(csr.name)
    return isWaiting(csr) && !(decided?.uid === csr.uid && this.#monotonic() < decided.until)
  }

  /** Whether it has yet to be looked at. */
  isUnsettled(csr: CsrObject): boolean {
    return this.isOpen(csr) && this.#settled.get(csr.name) !== csr.uid
  }

  *names(): Iterable<string> {
    yield* this.#settled.keys()
    yield* this.#decided.keys()
  }
}
