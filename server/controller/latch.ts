import { setTimeout as sleep } from 'node:timers/promises'
import type { Log, Picture } from '../ports.ts'

/** Between two looks at whether everything is known again; each store has its own, longer back-off. */
const AGAIN_MS = 100

interface LatchParts {
  readonly picture: Picture
  readonly isLeader: () => boolean
  readonly log: Log
}

/** While something is not known, everything waits for it together: no CSR is looked at, and one refresh serves all. */
export class Latch {
  readonly #parts: LatchParts
  readonly #stopped: AbortSignal
  readonly #ended: Promise<void>
  #waiting: Promise<void> | undefined

  /** `stopped` ends all waiting. */
  constructor(parts: LatchParts, stopped: AbortSignal) {
    this.#parts = parts
    this.#stopped = stopped
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#ended = promise
    stopped.addEventListener('abort', () => resolve(), { once: true })
  }

  /** Whether to wait. Calls `opened` when that is over. */
  isShut(opened: () => void): boolean {
    if (this.#waiting === undefined && this.#parts.picture.problem() === null) return false
    this.#waiting ??= this.#untilKnown().finally(() => {
      this.#waiting = undefined
      opened()
    })
    return true
  }

  async #untilKnown(): Promise<void> {
    const { picture, isLeader, log } = this.#parts
    for (let reported = ''; ; ) {
      await Promise.race([picture.refresh(), this.#ended])
      const problem = picture.problem()
      if (problem === null || this.#stopped.aborted || !isLeader()) return
      if (problem !== reported)
        log.warn({ problem }, 'nothing is decided: the state of the cluster is not known')
      reported = problem
      await Promise.race([sleep(AGAIN_MS), this.#ended])
    }
  }
}
