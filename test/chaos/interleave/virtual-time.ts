/** Clocks and timers of a world in one process: they stand still until the world lets time pass. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { seededRandom } from '../../kit/random.ts'

/** Whose code runs: what it starts belongs to it. */
export interface Owner {
  readonly time: VirtualTime
  /** Killed: nothing of it runs any more. */
  isDead: boolean
  /** By SIGSTOP: what is due waits. */
  isPaused: boolean
  /** How far its wall clock is ahead. */
  aheadMs: number
}

const BEGINNING = Date.UTC(2026, 0, 1)
/** How far time goes on where no timer runs. */
const IDLE_MS = 1_000
const owners = new AsyncLocalStorage<Owner>()
const realImmediate = setImmediate

class Timer {
  readonly owner: Owner
  readonly run: () => void
  readonly repeats: boolean
  readonly #ms: number
  dueAt = 0

  constructor(owner: Owner, run: () => void, { ms, repeats }: { ms: number; repeats: boolean }) {
    this.owner = owner
    this.run = run
    this.#ms = Math.max(ms, 1)
    this.repeats = repeats
    this.refresh()
  }

  refresh(): this {
    this.dueAt = this.owner.time.now + this.#ms
    this.owner.time.timers.add(this)
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  stop(): void {
    this.owner.time.timers.delete(this)
  }
}

/** What the code of an owner sees in place of the clocks, the timers and chance. */
export class VirtualTime {
  now = 0
  readonly random: () => number
  readonly timers = new Set<Timer>()
  /** The API server and the nodes. */
  readonly outside: Owner = { time: this, isDead: false, isPaused: false, aheadMs: 0 }
  #immediates: (() => void)[] = []

  constructor(seed: number) {
    const random = seededRandom(seed)
    this.random = () => random.next()
  }

  /** Runs something as the code of an owner. */
  as<T>(owner: Owner, run: () => T): T {
    return owners.run(owner, run)
  }

  soon(owner: Owner, callback: () => void): void {
    this.#immediates.push(() => owners.run(owner, callback))
  }

  /** Until nothing more happens without time or an answer. */
  async settle(): Promise<void> {
    for (;;) {
      await new Promise<void>((resolve) => realImmediate(resolve))
      if (this.#immediates.length === 0) return
      const due = this.#immediates
      this.#immediates = []
      for (const run of due) run()
    }
  }

  /** When the next timer is due; a while from now if nothing runs. */
  next(): number {
    return Math.max(this.now, this.#next(Infinity)?.dueAt ?? this.now + IDLE_MS)
  }

  /** To the next timer, which runs; at most so far. */
  async step(untilMs: number): Promise<void> {
    const next = this.#next(untilMs)
    this.now = Math.max(this.now, next === undefined ? untilMs : next.dueAt)
    if (next === undefined) return
    if (next.repeats) next.refresh()
    else next.stop()
    owners.run(next.owner, next.run)
    await this.settle()
  }

  #next(untilMs: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.timers) {
      const { owner, dueAt } = timer
      if (owner.isDead) timer.stop()
      else if (!owner.isPaused && dueAt <= untilMs && dueAt < (next?.dueAt ?? Infinity)) next = timer
    }
    return next
  }
}

const start = (owner: Owner, run: () => void, ms = 0, repeats = false): Timer =>
  new Timer(owner, run, { ms, repeats })
const stop = (_owner: Owner, timer?: Timer): void => timer?.stop()
const wall = ({ time, aheadMs }: Owner): number => BEGINNING + time.now + aheadMs

async function sleep(
  owner: Owner,
  ms: number,
  _value?: unknown,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = start(owner, resolve, ms)
  const aborted = (): void => reject(signal?.reason)
  signal?.addEventListener('abort', aborted, { once: true })
  try {
    await promise
  } finally {
    timer.stop()
    signal?.removeEventListener('abort', aborted)
  }
}

function limit(owner: Owner, ms: number): AbortSignal {
  const abort = new AbortController()
  start(owner, () => abort.abort(), ms)
  return abort.signal
}

/** For the rest of this process: code without an owner calls the real ones. */
function replace(object: object, name: string, virtual: (owner: Owner, ...given: never[]) => unknown): void {
  const real: unknown = Reflect.get(object, name)
  if (typeof real !== 'function') throw new Error(`${name} is no function`)
  const value = (...given: never[]): unknown => {
    const owner = owners.getStore()
    return owner === undefined ? Reflect.apply(real, object, given) : virtual(owner, ...given)
  }
  Object.defineProperty(object, name, { value, configurable: true, writable: true })
}

replace(globalThis, 'setTimeout', start)
replace(globalThis, 'setInterval', (owner, run: () => void, ms: number) => start(owner, run, ms, true))
replace(globalThis, 'setImmediate', (owner, run: () => void) => owner.time.soon(owner, run))
replace(globalThis, 'clearTimeout', stop)
replace(globalThis, 'clearInterval', stop)
replace(performance, 'now', ({ time }) => time.now)
replace(Math, 'random', ({ time }) => time.random())
replace(AbortSignal, 'timeout', limit)
replace(Date, 'now', wall)
globalThis.Date = new Proxy(Date, {
  construct: (real, given: readonly unknown[]): Date =>
    Reflect.construct(real, given.length === 0 ? [Date.now()] : given),
})
const promised: object = createRequire(import.meta.url)('node:timers/promises')
replace(promised, 'setTimeout', sleep)
replace(promised, 'setImmediate', (owner) => new Promise<void>((resolve) => owner.time.soon(owner, resolve)))
syncBuiltinESMExports()
