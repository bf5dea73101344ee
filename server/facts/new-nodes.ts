import type { NodeFacts } from '../../policies/types.ts'
import { Multimap } from '../multimap.ts'
import type { Clock, Store } from '../ports.ts'

/** A kubelet asks for its certificate within seconds of its registration. */
const NEW_MS = 60_000
/** A watch lags by milliseconds, under load by some hundred. A refused kubelet asks again after 2 s at the earliest. */
const WAIT_MS = 500
/**
 * Reviews that wait at once for Nodes that are there, and as many for others, of 256 that are judged at once: who asks in the
 * name of made-up Nodes takes no place of the former. The longest wait gives way to the next.
 */
const WAITING_MAX = 32

/** Waits for what the watch is about to report of a Node that has just joined. Costs the API server nothing. */
export class NewNodes {
  readonly #nodes: Store<NodeFacts>
  readonly #clock: Clock
  readonly #waiting = new Multimap<() => void>()
  /** What ends each wait, the longest first. */
  readonly #ofThere = new Set<() => void>()
  readonly #ofMissing = new Set<() => void>()

  constructor(nodes: Store<NodeFacts>, clock: Clock) {
    this.#nodes = nodes
    this.#clock = clock
    nodes.subscribe(({ key }) => {
      for (const changed of this.#waiting.get(key)) changed()
    })
  }

  /** A point in time until which to wait for changes. */
  deadline(): number {
    return this.#clock.monotonic() + WAIT_MS
  }

  /** True after the next change of a Node that is new or not there yet. False at once for another, or when time is up. */
  async next(name: string, deadline: number, signal?: AbortSignal): Promise<boolean> {
    const leftMs = deadline - this.#clock.monotonic()
    if (leftMs <= 0 || signal?.aborted === true || !this.#isNew(name)) return false
    const places = this.#nodes.get(name) === undefined ? this.#ofMissing : this.#ofThere
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const changed = () => resolve(true)
    const over = () => resolve(false)
    const timer = setTimeout(over, leftMs)
    signal?.addEventListener('abort', over, { once: true })
    this.#waiting.add(name, changed)
    takePlace(places, over)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', over)
      this.#waiting.delete(name, changed)
      places.delete(over)
    }
  }

  #isNew(name: string): boolean {
    const node = this.#nodes.get(name)
    return node === undefined || this.#clock.serverNow() - node.createdAt < NEW_MS
  }
}

function takePlace(places: Set<() => void>, over: () => void): void {
  places.add(over)
  const [longest] = places
  if (places.size <= WAITING_MAX || longest === undefined) return
  places.delete(longest)
  longest()
}
