import { setTimeout as sleep } from 'node:timers/promises'
import { backoffMs, jittered } from './backoff.ts'
import type { Change, Recorder, Store, WatchRestart } from '../ports.ts'
import type { Refusal } from './api-answer.ts'
import { type Discovery, listInto } from './list.ts'
import { Problems, type Task } from './problems.ts'
import { ObjectStore, type StoreOptions } from './store.ts'
import { type Times, TIMES } from './times.ts'
import type { Cluster } from './transport.ts'
import { type WatchEnd, type WatchEvent, watchFrom } from './watch.ts'
import { WatchedAge } from './watched-age.ts'

export interface InformerOptions<T> extends StoreOptions<T> {
  /** In reasons that a person reads: `CSRs`, `the API server's endpoints`. */
  readonly title: string
  /** Such as `/api/v1/nodes`. */
  readonly path: string
  readonly fieldSelector?: string
  readonly labelSelector?: string
  /** For a resource that a server may lack. */
  readonly discovery?: Discovery
  /** Called once the server turns out not to have this resource. */
  readonly onAbsent?: () => void
  /** How old what is known may be. Default: as long as a watch may be silent. */
  readonly maxAgeMs?: number
  readonly cluster: Cluster
  readonly recorder: Pick<Recorder, 'watchRestart' | 'watchSpoke'>
  /** Shortened by tests only. */
  readonly times?: Partial<Times>
}

/** What is listed, and what is kept of it. */
export type Query<T> = Omit<InformerOptions<T>, 'cluster' | 'log' | 'recorder' | 'times'>

/** A server that ends each watch sooner is not asked in a tight loop. */
const AT_ONCE_MS = 1_000
/**
 * Keeps the objects of one list current, whatever happens to the list or its watch: level, not edge. Two tasks run side
 * by side. One lists: at the start, hourly, when a watch cannot go on, and when somebody asks. The other watches from the
 * last version that it heard, also while a list is being read.
 */
export class Informer<T> implements Store<T> {
  readonly title: string
  readonly #options: InformerOptions<T>
  readonly #times: Times
  readonly #stop = new AbortController()
  readonly #store: ObjectStore<T>
  #phase: 'syncing' | 'live' | 'absent' = 'syncing'
  readonly #problems: Problems
  readonly #age: WatchedAge
  /** From where to watch; empty until a list has shown it. */
  #version = ''
  /** Whether the watch goes on from what another heard, not from a list. */
  #resumes = false
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
    this.#problems = new Problems(options)
    this.#times = { ...TIMES, ...options.times }
    const { cluster, maxAgeMs = this.#times.silenceMs } = options
    this.#age = new WatchedAge(cluster.clock, maxAgeMs, () => this.#listWanted.resolve())
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
    return { phase: this.#phase, ageMs: this.#age.ms, problem: this.#problems.first }
  }

  /** Whether the list has been read once, or could not be. */
  isTried(): boolean {
    return this.#phase !== 'syncing' || this.#problems.first !== null
  }

  subscribe(listener: (change: Change<T>) => void): void {
    this.#store.subscribe(listener)
  }

  async refresh(maxAgeMs: number): Promise<void> {
    if (this.#phase === 'absent' || this.#age.ms <= maxAgeMs || this.#stop.signal.aborted) return
    this.#listWanted.resolve()
    await this.#listed.promise
  }

  start(): void {
    this.#running ??= Promise.all([this.#keepListing(), this.#keepWatching()])
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#age.stop()
    this.#listWanted.resolve()
    this.#versionKnown.resolve()
    this.#listed.resolve()
    await this.#running
  }

  async #keepListing(): Promise<void> {
    for (let failures = 0; !this.#stop.signal.aborted; ) {
      const failed = await this.#list()
      if (this.#stop.signal.aborted) return
      this.#listed.resolve()
      this.#listed = Promise.withResolvers()
      failures = failed === null ? 0 : failures + 1
      if (failed !== null) await this.#waitAfter('list', failed, failures)
      else await this.#untilListWanted(this.#phase === 'absent' ? this.#times.absentMs : this.#times.relistMs)
    }
  }

  async #untilListWanted(atMostMs: number): Promise<void> {
    // The watch asked for a list while one was being read.
    if (this.#phase === 'live' && (this.#version === '' || this.#age.isBehind)) return
    this.#listWanted = Promise.withResolvers()
    const timer = setTimeout(() => this.#listWanted.resolve(), jittered(atMostMs))
    await this.#listWanted.promise
    clearTimeout(timer)
  }

  /** Reads a whole list into the store. Null, or why it could not be read to its end. */
  async #list(): Promise<Refusal | null> {
    if (this.#version === '') this.#age.lost()
    const proven = this.#age.listing()
    const listed = await listInto(this.#store, {
      ...this.#options,
      signal: this.#stop.signal,
      firstPage: (resourceVersion) => this.#watchFrom(resourceVersion),
      pageFailed: (why, failures) => this.#waitAfter('list', why, failures),
    })
    if (listed === 'absent') this.#becomeAbsent()
    else if (listed === 'complete') this.#becomeLive(proven)
    else return listed
    return null
  }

  /** A first list, and one after a watch that could not go on, begins a watch at once: it runs while pages come. */
  #watchFrom(resourceVersion: string): void {
    if (this.#version !== '') return
    this.#version = resourceVersion
    this.#resumes = false
    this.#versionKnown.resolve()
  }

  /** Watches on and on from the last version that was heard. */
  async #keepWatching(): Promise<void> {
    for (let failures = 0; ; ) {
      await this.#versionKnown.promise
      if (this.#stop.signal.aborted) return
      const openedAt = this.#options.cluster.clock.monotonic()
      const ended = await this.#watch()
      if (ended.kind === 'stopped') return
      this.#resumes = true
      if (ended.kind !== 'ended') this.#countRestart(ended.kind)
      const atOnce = this.#options.cluster.clock.monotonic() - openedAt <= AT_ONCE_MS
      failures = atOnce ? failures + 1 : 0
      if (ended.kind === 'refused') await this.#waitAfter('watch', ended.why, failures)
      else if (atOnce) await this.#pause(backoffMs(failures, this.#times.longestWaitMs))
      if (needsList(ended)) this.#beginAnew()
    }
  }

  /** The version is gone, or of a server that was restored from before: only a list shows from where to go on. */
  #beginAnew(): void {
    this.#version = ''
    this.#versionKnown = Promise.withResolvers()
    if (this.#stop.signal.aborted) this.#versionKnown.resolve()
    this.#listWanted.resolve()
  }

  #watch(): Promise<WatchEnd> {
    return watchFrom({
      cluster: this.#options.cluster,
      listing: this.#options,
      resourceVersion: this.#version,
      silenceMs: this.#times.silenceMs,
      stop: this.#stop.signal,
      opened: () => this.#opened(),
      heard: (event) => this.#hear(event),
    })
  }

  #opened(): void {
    this.#problems.set('watch', null)
    if (this.#resumes) this.#age.resumed()
  }

  #hear({ item, deleted, resourceVersion }: WatchEvent): void {
    this.#options.recorder.watchSpoke(this.#options.name)
    const moved = resourceVersion !== '' && resourceVersion !== this.#version
    if (resourceVersion !== '') this.#version = resourceVersion
    if (item !== null) this.#store.apply(item, deleted)
    // A bookmark of the version that was known already may come from a server that is cut off from etcd: it proves nothing.
    if (moved && this.#phase === 'live') this.#age.heard()
  }

  #countRestart(end: WatchRestart): void {
    this.#options.recorder.watchRestart(this.#options.name, end)
    this.#options.log.debug({ list: this.#options.name, end }, 'a watch ended')
  }

  #becomeLive(proven: () => void): void {
    this.#phase = 'live'
    proven()
    this.#options.recorder.watchSpoke(this.#options.name)
    this.#problems.set('list', null)
  }

  #becomeAbsent(): void {
    if (this.#phase !== 'absent') {
      const { name, path, log, onAbsent } = this.#options
      log.info({ list: name, path }, 'the server has no such resource')
      this.#phase = 'absent'
      onAbsent?.()
    }
    this.#problems.set('list', null)
  }

  async #waitAfter(task: Task, why: Refusal, failures: number): Promise<void> {
    this.#problems.set(task, `${why.status === 0 ? '' : `${why.status} `}${why.reason}: ${why.message}`)
    await this.#pause(backoffMs(Math.max(failures, 1), this.#times.longestWaitMs, why.retryAfterMs))
  }

  async #pause(ms: number): Promise<void> {
    // Stopped meanwhile: whoever paused sees it.
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined)
  }
}

/** Only a list shows from where to go on. */
function needsList(ended: WatchEnd): boolean {
  if (ended.kind === 'refused') return ended.why.status === 200
  return ended.kind === 'expired' || ended.kind === 'silent'
}
