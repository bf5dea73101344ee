import { setTimeout as sleep } from 'node:timers/promises'
import type { Change, Instruments, JsonObject, Log, Store, WatchRestart } from '../ports.ts'
import type { Refusal } from './answer.ts'
import { backoffMs, jittered } from '../backoff.ts'
import { listAll, type Listing } from './list.ts'
import type { Cluster } from './transport.ts'
import { AT_ONCE_MS, EARLY_MS, TIMES, type Times, type WatchEnd, watchFrom, watchSeconds } from './watch.ts'
import { type Quota, type Reading, ObjectStore } from './store.ts'

export interface InformerOptions<T> {
  /** In metrics and logs: `csrs`, `nodes`. */
  readonly name: string
  /** In reasons that a person reads: `CSRs`, `the API server's endpoints`. */
  readonly title: string
  /** Such as `/api/v1/nodes`. */
  readonly path: string
  readonly fieldSelector?: string
  /** Reduces an object to what is kept; undefined when it is not to be kept. */
  readonly select: (object: JsonObject) => T | undefined
  /** Where whoever makes objects is not trusted to make few. */
  readonly quota?: Quota<T>
  readonly cluster: Cluster
  readonly log: Log
  readonly instruments: Pick<Instruments, 'watchRestart' | 'watchSpoke'>
  /**
   * Seconds after which each watch is begun anew. The server sends a bookmark about 2 s before, so a short one proves
   * again and again, at one request each time, that nothing was missed. Default: a random while of 5 to 10 minutes.
   */
  readonly watchSeconds?: number
  /** Called once the server turns out not to have this resource. */
  readonly onAbsent?: () => void
  /** Shortened by tests only. */
  readonly times?: Partial<Times>
}

const EXPIRED_AT_ONCE: Refusal = {
  ok: false,
  status: 410,
  reason: 'Expired',
  message: 'the version of a list just read is gone already',
  retryAfterMs: null,
}

/**
 * A list kept current by a watch, whatever happens to it: level, not edge. Everything that differs from what was known
 * is told to the subscribers, by whichever way it was learnt.
 */
export class Informer<T> implements Store<T> {
  readonly title: string
  readonly #options: InformerOptions<T>
  readonly #times: Times
  readonly #listing: Listing
  readonly #stop = new AbortController()
  readonly #copy: ObjectStore<T>
  #phase: 'syncing' | 'live' | 'absent' = 'syncing'
  #problem: string | null = null
  #failures = { count: 0, unreachable: false, forgottenAt: -Infinity }
  #spokeAt: number
  #running: Promise<void> | undefined

  constructor(options: InformerOptions<T>) {
    this.title = options.title
    this.#options = options
    this.#copy = new ObjectStore(options)
    this.#times = { ...TIMES, ...options.times }
    this.#listing = { path: options.path, fieldSelector: options.fieldSelector }
    this.#spokeAt = options.cluster.clock.monotonic()
  }

  get(key: string): T | undefined {
    return this.#copy.get(key)
  }

  values(): Iterable<T> {
    return this.#copy.values()
  }

  get size(): number {
    return this.#copy.size
  }

  state(): ReturnType<Store<T>['state']> {
    const silentMs = this.#options.cluster.clock.monotonic() - this.#spokeAt
    return { phase: this.#phase, silentMs, problem: this.#problem }
  }

  subscribe(listener: (change: Change<T>) => void): void {
    this.#copy.subscribe(listener)
  }

  start(): void {
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const listed = await listAll(this.#options.cluster, this.#listing, this.#stop.signal, () =>
        this.#copy.read(),
      )
      if (this.#stop.signal.aborted) return
      if (listed.ok) {
        this.#becomeLive(listed.read)
        await this.#follow(listed.resourceVersion)
      } else if (listed.status === 404) await this.#beAbsent()
      else await this.#fail('list', listed)
    }
  }

  /** Watches on and on, until only a fresh list helps. */
  async #follow(from: string): Promise<void> {
    let resourceVersion = from
    const relistAt = this.#now() + jittered(this.#times.relistMs)
    for (;;) {
      const openedAt = this.#now()
      const seconds = this.#options.watchSeconds ?? watchSeconds()
      const ended = await this.#watch({ from: resourceVersion, seconds, relistAt }, (heard) => {
        resourceVersion = heard
      })
      if (ended.end === 'stopped') return
      this.#tellRestart(ended.end, this.#now() - openedAt - seconds * 1_000)
      if (ended.end === 'refused') return await this.#fail('watch', ended.why)
      const atOnce = this.#now() - openedAt < AT_ONCE_MS
      if (ended.end === 'expired' && atOnce) return await this.#fail('watch', EXPIRED_AT_ONCE)
      if (ended.end !== 'closed') return
      // A server that closes at once, again and again, is not to be asked in a tight loop.
      if (atOnce) await this.#pause(jittered(200))
    }
  }

  /** A watch that the server ended when it was asked to is no restart. `overdueMs`: by how much it outlived that. */
  #tellRestart(end: WatchRestart, overdueMs: number): void {
    if (end === 'closed' && overdueMs >= -EARLY_MS) return
    this.#options.instruments.watchRestart(this.#options.name, end)
    this.#options.log.debug({ list: this.#options.name, end }, 'a watch ended')
  }

  async #watch(
    {
      from,
      seconds,
      relistAt,
    }: { readonly from: string; readonly seconds: number; readonly relistAt: number },
    moved: (resourceVersion: string) => void,
  ): Promise<WatchEnd> {
    return await watchFrom(
      {
        timeoutSeconds: seconds,
        cluster: this.#options.cluster,
        path: this.#options.path,
        fieldSelector: this.#options.fieldSelector,
        silenceMs: this.#times.silenceMs,
        relistMs: Math.max(relistAt - this.#now(), 0),
        stop: this.#stop.signal,
        heard: (event, resourceVersion) => {
          moved(resourceVersion)
          this.#spoke()
          if (event !== null) this.#copy.apply(event.object, event.deleted)
        },
      },
      from,
    )
  }

  #spoke(): void {
    this.#spokeAt = this.#now()
    this.#options.instruments.watchSpoke(this.#options.name)
  }

  #becomeLive(listed: Reading<T>): void {
    this.#phase = 'live'
    if (this.#problem !== null)
      this.#options.log.info({ list: this.#options.name }, 'a list is current again')
    this.#problem = null
    this.#spoke()
    this.#copy.replace(listed)
  }

  async #beAbsent(): Promise<void> {
    if (this.#phase !== 'absent') {
      this.#options.log.info(
        { list: this.#options.name, path: this.#options.path },
        'the server has no such resource',
      )
      this.#options.onAbsent?.()
    }
    this.#phase = 'absent'
    this.#problem = null
    this.#spoke()
    this.#copy.replace(this.#copy.read())
    await this.#pause(jittered(this.#times.absentMs))
  }

  async #fail(what: 'list' | 'watch', why: Refusal): Promise<void> {
    const unreachable = why.status === 0
    const before = this.#failures
    // A server that answers again is met anew: its start-up errors must not wait out the outage's long delays.
    const goesOn = before.unreachable === unreachable && this.#now() < before.forgottenAt
    const count = goesOn ? before.count + 1 : 1
    const { unreachableMs, refusedMs } = this.#times
    const waitMs = backoffMs(count, unreachable ? unreachableMs : refusedMs, why.retryAfterMs)
    // A list that succeeds and a watch that fails at once, in turns, is one failure going on.
    this.#failures = { count, unreachable, forgottenAt: this.#now() + 2 * waitMs }
    const problem = `${why.status === 0 ? '' : `${why.status} `}${why.reason}: ${why.message}`
    if (this.#problem !== problem) {
      this.#options.log.warn(
        { list: this.#options.name, during: what, problem, waitMs },
        'a list or its watch failed',
      )
    }
    this.#problem = problem
    await this.#pause(waitMs)
  }

  async #pause(ms: number): Promise<void> {
    try {
      await sleep(ms, undefined, { signal: this.#stop.signal })
    } catch {
      // Stopped: the controller that paused sees it.
    }
  }

  #now(): number {
    return this.#options.cluster.clock.monotonic()
  }
}
