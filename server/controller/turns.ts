/** How long judgements may follow each other before other work has its turn. The 64 that are begun come on top: 20 ms. */
const TURN_MS = 10

/** Judgements wait for no I/O: thousands in a row would let nothing else run, were there no pause. */
export class Turns {
  readonly #next: () => void
  #began = -Infinity
  #pausing = false

  constructor(next: () => void) {
    this.#next = next
  }

  /** Goes on at once, or after other work has had its turn. */
  goOn(): void {
    if (performance.now() - this.#began < TURN_MS) return this.#next()
    if (this.#pausing) return
    this.#pausing = true
    setImmediate(() => {
      this.#pausing = false
      this.#began = performance.now()
      this.#next()
    })
  }
}
