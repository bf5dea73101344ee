/** Several metrics of a page show parts of one answer, and each answer walks all CSRs or the whole ledger: it is asked once. */
export class Pages {
  #page = 0

  /** A page begins: everything is asked anew. */
  begin(): void {
    this.#page += 1
  }

  once<T>(ask: () => T): () => T {
    let asked: { readonly page: number; readonly answer: T } | undefined
    return () => {
      if (asked?.page !== this.#page) asked = { page: this.#page, answer: ask() }
      return asked.answer
    }
  }
}
