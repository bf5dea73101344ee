import { TURN_MS } from '../in-turns.ts'

/** Judgements wait for no I/O: thousands in a row would let nothing else run, were there no pause. */
export class Turns {
  readonly #next: () => void
  #began = -Infinity
  #pausing = false

  /** @param next called when the next turn begins */
  constructor(next: () => void) {
    this.#next = next
  }

  /** Whether this turn is over. If it is, the next one begins once other work has had its turn. */
  isOver(): boolean {
    if (!this.#pausing && performance.now() - this.#began < TURN_MS) return false
    if (!this.#pausing) {
      this.#pausing = true
      setImmediate(() => {
        this.#pausing = false
        this.#began = performance.now()
        this.#next()
      })
    }
    return true
  }
}
