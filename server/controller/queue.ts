import type { Recorder } from '../ports.ts'
import { backoffMs } from '../kube/backoff.ts'
import { type Group, Groups } from './groups.ts'
import type { ReconcileResult } from './plan.ts'

export interface QueueOptions {
  readonly recorder: Pick<Recorder, 'queue' | 'underway'>
  readonly monotonic: () => number
  /** Called when a key may be ready. */
  readonly wake: () => void
  /** Whether room is kept for a group, and newcomers do not hold it up. */
  readonly isEstablished: (group: string) => boolean
}

interface Entry {
  readonly group: string
  state: 'delayed' | 'ready' | 'running'
  /** Monotonic time at which the entry entered its state. */
  since: number
  dueAt: number
  timer: NodeJS.Timeout | undefined
  /** Set if the key was added while it runs: it then runs again. */
  again: number | undefined
  failures: number
}

/** A kubelet has one pending CSR, two after a restart. A node with more than this displaces only its own. */
const PER_GROUP_MAX = 64

/**
 * A work queue that is fair between groups (nodes). Each key is queued once, one key of a group runs at a time, and the
 * groups take turns, so that a node with many CSRs does not delay others. What it has no room for is dropped: the controller
 * offers it again.
 */
export class FairQueue {
  readonly #options: QueueOptions
  readonly #entries = new Map<string, Entry>()
  readonly #groups: Groups
  readonly #running = new Set<Entry>()
  #depth = 0

  constructor(options: QueueOptions) {
    this.#options = options
    const { recorder, monotonic, isEstablished } = options
    this.#groups = new Groups(isEstablished)
    recorder.underway(() => [...this.#running].map(({ since }) => monotonic() - since))
  }

  /** Makes a key ready now. In a full group it replaces the oldest key that is not running. */
  add(key: string, group: string): void {
    const known = this.#entries.get(key)
    if (known === undefined) this.#enter(key, group, 0)
    else if (known.state === 'running') known.again = this.#options.monotonic()
    else if (known.state === 'delayed') this.#becomeReady(key, known)
  }

  /** Makes a key ready, unless it is already queued or its group is full. */
  offer(key: string, group: string): void {
    const full = (this.#groups.get(group)?.members.size ?? 0) >= PER_GROUP_MAX
    if (!full && !this.#entries.has(key)) this.add(key, group)
  }

  /** Whether there is a key to take. */
  isReady(): boolean {
    return this.#groups.isReady
  }

  /** The next key, undefined when there is none that may run. Whoever takes it calls {@link done}. */
  take(): string | undefined {
    const group = this.#groups.take()
    const key = group?.ready.shift()
    const entry = key === undefined ? undefined : this.#entries.get(key)
    if (group === undefined || entry === undefined) return undefined
    group.running = true
    const now = this.#options.monotonic()
    const waitedMs = now - entry.since
    Object.assign(entry, { state: 'running', since: now, again: undefined })
    this.#running.add(entry)
    this.#depth -= 1
    this.#options.recorder.queue({ depth: this.#depth, waitedMs })
    return key
  }

  /** Reports the result of a key that was taken. */
  done(key: string, result: ReconcileResult): void {
    const entry = this.#entries.get(key)
    if (entry?.state !== 'running') return
    this.#running.delete(entry)
    const now = this.#options.monotonic()
    this.#options.recorder.queue({ depth: this.#depth, workedMs: now - entry.since })
    const waitMs = this.#waitFor(entry, result)
    this.#leave(key, entry)
    const dueAt = Math.min(entry.again ?? Infinity, waitMs === undefined ? Infinity : now + waitMs)
    if (dueAt !== Infinity) this.#enter(key, entry.group, Math.max(dueAt - now, 0), entry.failures)
    this.#options.wake()
  }

  /** Removes all keys and timers. */
  clear(): void {
    for (const { timer } of this.#entries.values()) clearTimeout(timer)
    this.#entries.clear()
    this.#groups.clear()
    this.#running.clear()
    this.#depth = 0
  }

  #waitFor(entry: Entry, result: ReconcileResult): number | undefined {
    entry.failures = result.kind === 'retry' ? entry.failures + 1 : 0
    if (result.kind === 'recheck') return result.afterMs
    if (result.kind !== 'retry') return undefined
    this.#options.recorder.queue({ depth: this.#depth, retried: true })
    return backoffMs(entry.failures, result.longestMs, result.atLeastMs)
  }

  #enter(key: string, name: string, waitMs: number, failures = 0): void {
    const group = this.#roomIn(name)
    if (group === undefined) return
    const now = this.#options.monotonic()
    const entry: Entry = {
      group: name,
      state: 'delayed',
      since: now,
      dueAt: now + waitMs,
      timer: undefined,
      again: undefined,
      failures,
    }
    this.#entries.set(key, entry)
    group.members.add(key)
    if (waitMs <= 0) this.#becomeReady(key, entry)
    else entry.timer = setTimeout(() => this.#becomeReady(key, entry), waitMs)
  }

  #becomeReady(key: string, entry: Entry): void {
    clearTimeout(entry.timer)
    const group = this.#groups.get(entry.group)
    if (group === undefined) return
    Object.assign(entry, { state: 'ready', since: this.#options.monotonic(), timer: undefined })
    group.ready.push(key)
    if (!group.running) this.#groups.line(group)
    this.#depth += 1
    this.#options.recorder.queue({ depth: this.#depth, added: true })
    this.#options.wake()
  }

  #roomIn(name: string): Group | undefined {
    const group = this.#groups.open(name)
    if (group !== undefined && group.members.size >= PER_GROUP_MAX) this.#dropOldest(group)
    return group
  }

  #dropOldest({ members, ready }: Group): void {
    for (const key of members) {
      const entry = this.#entries.get(key)
      if (entry === undefined || entry.state === 'running') continue
      clearTimeout(entry.timer)
      if (entry.state === 'ready') {
        ready.splice(ready.indexOf(key), 1)
        this.#depth -= 1
      }
      this.#entries.delete(key)
      members.delete(key)
      return
    }
  }

  #leave(key: string, { group: name }: Entry): void {
    this.#entries.delete(key)
    const group = this.#groups.get(name)
    if (group === undefined) return
    group.members.delete(key)
    group.running = false
    if (group.ready.length > 0) this.#groups.line(group)
    else if (group.members.size === 0) this.#groups.close(group)
  }
}
