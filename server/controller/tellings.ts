import type { Report, DecisionRecord } from '../ports.ts'

/** Every code of ours in every action, and then some: a CSR that goes back and forth is told of no further. */
const PER_CSR_MAX = 64

/** Passes on each decision once per CSR, verdict, reason and action, however often it is judged again. */
export class Tellings {
  readonly #report: Report
  readonly #told = new Map<string, { readonly uid: string; readonly said: Set<string> }>()

  constructor(report: Report) {
    this.#report = report
  }

  tell(record: DecisionRecord): void {
    const { csr, decision, action } = record
    if (decision.verdict === 'ignore') return
    const said = this.#saidOf(csr.name, csr.uid)
    const words = `${decision.verdict} ${decision.reason} ${action}`
    if (said.has(words) || said.size >= PER_CSR_MAX) return
    said.add(words)
    this.#report(record)
  }

  names(): Iterable<string> {
    return this.#told.keys()
  }

  forget(name: string): void {
    this.#told.delete(name)
  }

  /** A CSR made anew under the same name is another one. */
  #saidOf(name: string, uid: string): Set<string> {
    const known = this.#told.get(name)
    if (known?.uid === uid) return known.said
    const said = new Set<string>()
    this.#told.set(name, { uid, said })
    return said
  }
}
