import type { Address } from '../../policies/types.ts'
import { DIAL_MS } from './dial.ts'

interface DialQueueDependencies {
  /** Never rejects. */
  readonly dial: (address: Address) => Promise<void>
  /** Whether an address whose turn has come must still be dialled. */
  readonly isDue: (address: Address) => boolean
  readonly now: () => number
}

/** One caller's addresses. */
interface Call {
  readonly waiting: Address[]
  /** Those that wait or are being dialled. */
  open: number
  readonly finish: () => void
}

/** A handshake costs 1.5 ms of CPU time (measured): at most a third of a core. */
const PER_SECOND = 200
const PAUSE_MS = 1_000 / PER_SECOND
/** Those of a quarter of a second at once, after a pause. */
const BURST_MS = 250
/** A silent address takes a whole second, and all of them may be silent. */
const AT_ONCE = (PER_SECOND * DIAL_MS) / 1_000
/** Five seconds of dials: the 64 CSRs that the controller judges at once, with 16 addresses each. */
const WAITING_MAX = 1_024

/** Dials so many addresses at once and a second, each once at a time. Callers take turns, one address at a turn. */
export class DialQueue {
  readonly #dependencies: DialQueueDependencies
  /** Those with waiting addresses, in the order of their turns. */
  readonly #calls = new Set<Call>()
  readonly #running = new Map<Address, Promise<void>>()
  #waiting = 0
  #nextAt = -Infinity
  #stopped = false
  #timer: NodeJS.Timeout | undefined

  constructor(dependencies: DialQueueDependencies) {
    this.#dependencies = dependencies
  }

  get running(): number {
    return this.#running.size
  }

  /** `done` resolves when each address was dialled or dropped. `leave` drops those that still wait. */
  add(addresses: readonly Address[]): { readonly done: Promise<void>; readonly leave: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>()
    const call: Call = { waiting: [...addresses], open: addresses.length, finish: resolve }
    this.#calls.add(call)
    this.#waiting += addresses.length
    const leave = (): void => this.#drop(call, call.waiting.length)
    if (this.#stopped) leave()
    while (this.#waiting > WAITING_MAX) this.#drop(this.#largest(), 1)
    this.#startAll()
    return { done: promise, leave }
  }

  /** Drops what waits, and what is added later. Resolves when no dial is in progress. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    for (const call of this.#calls) this.#drop(call, call.waiting.length)
    await Promise.all(this.#running.values())
  }

  #startAll(): void {
    for (;;) {
      const [call] = this.#calls
      if (call === undefined || this.#running.size >= AT_ONCE) return
      const waitMs = this.#nextAt - this.#dependencies.now()
      if (waitMs > 0) return this.#wakeIn(waitMs)
      this.#takeTurn(call)
    }
  }

  #wakeIn(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#startAll()
    }, ms)
  }

  #takeTurn(call: Call): void {
    const address = call.waiting.shift()
    this.#waiting -= 1
    this.#calls.delete(call)
    if (call.waiting.length > 0) this.#calls.add(call)
    if (address === undefined) return
    const running =
      this.#running.get(address) ?? (this.#dependencies.isDue(address) ? this.#start(address) : null)
    if (running === null) settle(call)
    else void running.then(() => settle(call))
  }

  #start(address: Address): Promise<void> {
    const now = this.#dependencies.now()
    this.#nextAt = Math.max(this.#nextAt, now - BURST_MS) + PAUSE_MS
    const running = this.#dial(address)
    this.#running.set(address, running)
    return running
  }

  async #dial(address: Address): Promise<void> {
    await this.#dependencies.dial(address)
    this.#running.delete(address)
    this.#startAll()
  }

  #largest(): Call | undefined {
    const ordered = [...this.#calls].sort((one, other) => other.waiting.length - one.waiting.length)
    return ordered[0]
  }

  /** Of those that wait, the last `count`: a node's own address comes first in its request. */
  #drop(call: Call | undefined, count: number): void {
    if (call === undefined) return
    const dropped = call.waiting.splice(call.waiting.length - count)
    this.#waiting -= dropped.length
    if (call.waiting.length === 0) this.#calls.delete(call)
    for (const _address of dropped) settle(call)
  }
}

function settle(call: Call): void {
  call.open -= 1
  if (call.open === 0) call.finish()
}
