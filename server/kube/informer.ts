import { setTimeout as sleep } from 'node:timers/promises'
import { backoffMs, jittered } from '../backoff.ts'
import type { Change, Instruments, Store } from '../ports.ts'
import type { Refusal } from './answer.ts'
import { type Listing, readPage } from './list.ts'
import { ObjectStore, type StoreOptions } from './store.ts'
import type { Cluster } from './transport.ts'
import { type WatchEnd, type WatchEvent, watchFrom } from './watch.ts'

export interface InformerOptions<T> extends StoreOptions<T> {
  /** In reasons that a person reads: `CSRs`, `the API server's endpoints`. */
  readonly title: string
  /** Such as `/api/v1/nodes`. */
  readonly path: string
  readonly fieldSelector?: string
  /**
   * Where the group version lists its resources, for a resource that a server may lack: a 404 for the list is an answer
   * only if discovery confirms it. Without it a 404 is a failure like any other: a proxy may have sent it.
   */
  readonly discovery?: { readonly path: string; readonly resource: string }
  /** Called once the server turns out not to have this resource. */
  readonly onAbsent?: () => void
  readonly cluster: Cluster
  readonly instruments: Pick<Instruments, 'watchRestart' | 'watchSpoke'>
  /** Shortened by tests only. */
  readonly times?: Partial<Times>
}

/** How long the parts of a list and its watch last, in milliseconds. */
export interface Times {
  readonly silenceMs: number
  readonly relistMs: number
  readonly absentMs: number
  readonly longestWaitMs: number
}

const TIMES: Times = {
  // Bookmarks come every 60 s.
  silenceMs: 70_000,
  // Corrects what a watch may have lost.
  relistMs: 3_600_000,
  // How soon a resource that the server lacks is looked for again, after an upgrade.
  absentMs: 120_000,
  // Longest wait after a failure, unless the server asks for more: after an outage everything goes on within 5 s.
  longestWaitMs: 5_000,
}

/** The server ends each watch itself after a random while, so that replicas do not come back together. */
const WATCH_SECONDS = { min: 300, spread: 300 }
/** A watch that lasted no longer has reported nothing. */
const AT_ONCE_MS = 1_000
/** How much sooner than asked a server may end a watch that it has not cut off. */
const EARLY_MS = 1_000
/** A continue token dies with an etcd compaction, every five minutes. */
const BEGINNINGS_MAX = 6

/** A moment on two clocks: the monotonic one stands still while a machine is suspended, the wall clock may be set. */
interface Moment {
  readonly monotonic: number
  readonly wall: number
}

const NEVER: Moment = { monotonic: -Infinity, wall: -Infinity }

/**
 * Keeps the objects of one list current, whatever happens to the list or its watch: level, not edge. Two tasks run side
 * by side. One lists: at the start, hourly, when a watch cannot go on, and when somebody asks. The other watches from the
 * last version that it heard, also while a list is being read.
 */
export class Informer<T> implements Store<T> {
  readonly title: string
  readonly #options: InformerOptions<T>
  readonly #times: Times
  readonly #listing: Listing
  readonly #stop = new AbortController()
  readonly #store: ObjectStore<T>
  readonly #stateListeners: (() => void)[] = []
  #phase: 'syncing' | 'live' | 'absent' = 'syncing'
  #problem: string | null = null
  /** The state of the cluster that the store shows is no older than this. */
  #provenAt = NEVER
  /** From where to watch; empty until a list has shown it. */
  #version = ''
  /** Wakes the watch once there is a version, and the lister once there is a reason to list. */
  #versionKnown = Promise.withResolvers<void>()
  #listWanted = Promise.withResolvers<void>()
  /** The list under way or the next one, for those who wait for it. */
  #listed = Promise.withResolvers<void>()
  #running: Promise<unknown> | undefined

  constructor(options: InformerOptions<T>) {
    this.title = options.title
    this.#options = options
    this.#store = new ObjectStore(options)
    this.#times = { ...TIMES, ...options.times }
    this.#listing = { path: options.path, fieldSelector: options.fieldSelector }
  }

  get(key: string): T | undefined {
    return this.#store.get(key)
  }

  isUnreadable(key: string): boolean {
    return this.#store.isUnreadable(key)
  }

  values(): Iterable<T> {
    return this.#store.values()
  }

  get size(): number {
    return this.#store.size
  }

  state(): ReturnType<Store<T>['state']> {
    return { phase: this.#phase, ageMs: this.#ageMs(), problem: this.#problem }
  }

  subscribe(listener: (change: Change<T>) => void): void {
    this.#store.subscribe(listener)
  }

  onState(listener: () => void): void {
    this.#stateListeners.push(listener)
  }

  async refresh(maxAgeMs: number): Promise<void> {
    if (this.#phase === 'absent' || this.#ageMs() <= maxAgeMs || this.#stop.signal.aborted) return
    this.#listWanted.resolve()
    await this.#listed.promise
  }

  start(): void {
    this.#running ??= Promise.all([this.#keepListing(), this.#keepWatching()])
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#listWanted.resolve()
    this.#versionKnown.resolve()
    this.#listed.resolve()
    await this.#running
  }

  async #keepListing(): Promise<void> {
    for (let failures = 0; !this.#stop.signal.aborted; ) {
      const failed = await this.#list()
      if (this.#stop.signal.aborted) return
      const { promise, resolve } = this.#listed
      this.#listed = Promise.withResolvers()
      void promise
      resolve()
      failures = failed === null ? 0 : failures + 1
      if (failed !== null) await this.#waitAfter('list', failed, failures)
      else await this.#untilListWanted(this.#phase === 'absent' ? this.#times.absentMs : this.#times.relistMs)
    }
  }

  async #untilListWanted(atMostMs: number): Promise<void> {
    // The watch asked for a list while one was being read.
    if (this.#phase === 'live' && this.#version === '') return
    this.#listWanted = Promise.withResolvers()
    const timer = setTimeout(() => this.#listWanted.resolve(), jittered(atMostMs))
    await this.#listWanted.promise
    clearTimeout(timer)
  }

  /** Reads a whole list into the store. Null, or why it could not be read to its end. */
  async #list(): Promise<Refusal | null> {
    for (let beginning = 1; ; beginning += 1) {
      const failed = await this.#listOnce()
      const expired = failed !== null && failed.status === 410
      if (!expired || beginning === BEGINNINGS_MAX) return failed
    }
  }

  async #listOnce(): Promise<Refusal | null> {
    const sentAt = this.#now()
    this.#store.beginList()
    let token = ''
    for (let failures = 0; ; ) {
      const found = { signal: this.#stop.signal, found: this.#addListed }
      const page = await readPage(this.#options.cluster, this.#listing, token, found)
      if (!page.ok) {
        if (page.status === 404 && (await this.#isAbsent())) return this.#becomeAbsent()
        // A page is asked for again by its token: what was read of the list stays read.
        if (token === '' || page.status === 410 || this.#stop.signal.aborted) return page
        failures += 1
        await this.#waitAfter('list', page, failures)
        continue
      }
      failures = 0
      if (token === '') this.#watchFrom(page.resourceVersion)
      token = page.next
      if (token === '') break
    }
    await this.#store.endList(async () => void (await sleep(0)))
    this.#becomeLive(sentAt)
    return null
  }

  readonly #addListed = (item: Parameters<ObjectStore<T>['addListed']>[0]): void =>
    this.#store.addListed(item)

  /** A first list, and one after a watch that could not go on, begins a watch at once: it runs while pages come. */
  #watchFrom(resourceVersion: string): void {
    if (this.#version !== '') return
    this.#version = resourceVersion
    this.#versionKnown.resolve()
  }

  /** Watches on and on from the last version that was heard. */
  async #keepWatching(): Promise<void> {
    for (let failures = 0; ; ) {
      await this.#versionKnown.promise
      if (this.#stop.signal.aborted) return
      const openedAt = this.#options.cluster.clock.monotonic()
      const seconds = WATCH_SECONDS.min + Math.floor(Math.random() * WATCH_SECONDS.spread)
      const ended = await this.#watch(seconds)
      if (ended.end === 'stopped') return
      const lastedMs = this.#options.cluster.clock.monotonic() - openedAt
      this.#countRestart(ended, seconds * 1_000 - lastedMs)
      failures = lastedMs > AT_ONCE_MS ? 0 : failures + 1
      if (ended.end === 'refused') await this.#waitAfter('watch', ended.why, failures)
      // A server that closes or expires each watch at once is not to be asked in a tight loop.
      else if (lastedMs <= AT_ONCE_MS) await this.#pause(backoffMs(failures, this.#times.longestWaitMs))
      if (ended.end === 'expired' || ended.end === 'silent' || isNonsense(ended)) this.#beginAnew()
    }
  }

  /** The version is gone, or of a server that was restored from before: only a list shows from where to go on. */
  #beginAnew(): void {
    this.#version = ''
    this.#versionKnown = Promise.withResolvers()
    if (this.#stop.signal.aborted) this.#versionKnown.resolve()
    this.#listWanted.resolve()
  }

  #watch(timeoutSeconds: number): Promise<WatchEnd> {
    return watchFrom({
      cluster: this.#options.cluster,
      listing: this.#listing,
      resourceVersion: this.#version,
      timeoutSeconds,
      silenceMs: this.#times.silenceMs,
      stop: this.#stop.signal,
      heard: (event) => this.#hear(event),
    })
  }

  #hear({ item, deleted, resourceVersion }: WatchEvent): void {
    const moved = resourceVersion !== '' && resourceVersion !== this.#version
    if (resourceVersion !== '') this.#version = resourceVersion
    if (item !== null) this.#store.apply(item, deleted)
    // A bookmark of the version that was known already may come from a server that is cut off from etcd: it proves nothing.
    if (!moved) return
    this.#options.instruments.watchSpoke(this.#options.name)
    if (this.#phase === 'live') this.#prove(this.#now())
  }

  #countRestart({ end }: WatchEnd, earlyMs: number): void {
    if (end === 'stopped' || (end === 'closed' && earlyMs <= EARLY_MS)) return
    this.#options.instruments.watchRestart(this.#options.name, end)
    this.#options.log.debug({ list: this.#options.name, end }, 'a watch ended')
  }

  #becomeLive(sentAt: Moment): void {
    const isNew = this.#phase !== 'live'
    this.#phase = 'live'
    this.#prove(sentAt)
    this.#options.instruments.watchSpoke(this.#options.name)
    if (this.#problem !== null)
      this.#options.log.info({ list: this.#options.name }, 'a list is current again')
    if (isNew || this.#problem !== null) this.#changeState(null)
  }

  #becomeAbsent(): null {
    if (this.#phase !== 'absent') {
      const { name, path, log, onAbsent } = this.#options
      log.info({ list: name, path }, 'the server has no such resource')
      this.#phase = 'absent'
      onAbsent?.()
    }
    this.#changeState(null)
    return null
  }

  async #isAbsent(): Promise<boolean> {
    const { discovery, cluster } = this.#options
    if (discovery === undefined) return false
    const answer = await cluster.call({ method: 'GET', path: discovery.path, signal: this.#stop.signal })
    if (!answer.ok || answer.object['kind'] !== 'APIResourceList') return false
    const resources: unknown = answer.object['resources']
    return Array.isArray(resources) && !JSON.stringify(resources).includes(`"name":"${discovery.resource}"`)
  }

  async #waitAfter(what: 'list' | 'watch', why: Refusal, failures: number): Promise<void> {
    const waitMs = backoffMs(Math.max(failures, 1), this.#times.longestWaitMs, why.retryAfterMs)
    const problem = `${why.status === 0 ? '' : `${why.status} `}${why.reason}: ${why.message}`
    if (this.#problem !== problem) {
      const fields = { list: this.#options.name, during: what, problem, waitMs }
      this.#options.log.warn(fields, 'a list or its watch failed')
      this.#changeState(problem)
    }
    await this.#pause(waitMs)
  }

  #changeState(problem: string | null): void {
    this.#problem = problem
    for (const listener of this.#stateListeners) listener()
  }

  async #pause(ms: number): Promise<void> {
    // Stopped meanwhile: whoever paused sees it.
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined)
  }

  #prove(at: Moment): void {
    if (at.monotonic > this.#provenAt.monotonic) this.#provenAt = at
  }

  #now(): Moment {
    return { monotonic: this.#options.cluster.clock.monotonic(), wall: Date.now() }
  }

  #ageMs(): number {
    const now = this.#now()
    return Math.max(now.monotonic - this.#provenAt.monotonic, now.wall - this.#provenAt.wall)
  }
}

/** What came could not be read: the next list shows from where to go on. */
function isNonsense(ended: WatchEnd): boolean {
  return ended.end === 'refused' && ended.why.status === 200
}
