import { setTimeout as sleep } from 'node:timers/promises'
import type { FactCache } from '../facts/fact-cache.ts'
import type { Log } from '../ports.ts'

export interface FreshnessGateDependencies {
  readonly facts: Pick<FactCache, 'problem' | 'refresh'>
  readonly isLeader: () => boolean
  readonly stopped: AbortSignal
  readonly log: Log
}

/** Between two looks at whether everything is known again; each store has its own, longer back-off. */
const AGAIN_MS = 100

/** While something is not known, everything waits for it together: no CSR is looked at, and one refresh serves all. */
export class FreshnessGate {
  readonly #parts: FreshnessGateDependencies
  readonly #opened: () => void
  readonly #ended: Promise<void>
  #waiting: Promise<void> | undefined

  /** @param opened called when everything is known again, and when this replica stops or no longer leads */
  constructor(parts: FreshnessGateDependencies, opened: () => void) {
    this.#parts = parts
    this.#opened = opened
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#ended = promise
    parts.stopped.addEventListener('abort', () => resolve(), { once: true })
  }

  /** Whether a CSR must wait. */
  isShut(): boolean {
    const { facts, isLeader, stopped } = this.#parts
    if (stopped.aborted || !isLeader()) return false
    if (this.#waiting === undefined && facts.problem() === null) return false
    this.#waiting ??= this.#untilKnown().finally(() => {
      this.#waiting = undefined
      this.#opened()
    })
    return true
  }

  async #untilKnown(): Promise<void> {
    const { facts, isLeader, stopped, log } = this.#parts
    for (let reported = ''; ; ) {
      await Promise.race([facts.refresh(), this.#ended])
      const problem = facts.problem()
      if (problem === null || stopped.aborted || !isLeader()) return
      if (problem !== reported)
        log.warn({ problem }, 'nothing is decided: the state of the cluster is not known')
      reported = problem
      await Promise.race([sleep(AGAIN_MS), this.#ended])
    }
  }
}
