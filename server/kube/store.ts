import { quoted } from '../../policies/text.ts'
import type { Change, JsonObject, Log } from '../ports.ts'
import { objectAt, textAt } from '../json.ts'

/** An object as it is kept. `item` is undefined for one that is not to be kept. */
export interface Entry<T> {
  readonly key: string
  readonly uid: string
  readonly resourceVersion: string
  readonly item: T | undefined
}

/** How many objects of one owner are kept: the newest. */
export interface Quota<T> {
  readonly owner: (item: T) => string
  /** Milliseconds since the epoch. */
  readonly createdAt: (item: T) => number
  readonly max: number
}

type Kept<T> = Entry<T> & { readonly item: T }

/** Entries by key, of each owner no more than its quota: whoever makes objects without end fills no memory but its own. */
export class Entries<T> {
  readonly #quota: Quota<T> | undefined
  readonly #byKey = new Map<string, Kept<T>>()
  readonly #byOwner = new Map<string, Map<string, Kept<T>>>()

  constructor(quota: Quota<T> | undefined) {
    this.#quota = quota
  }

  get(key: string): Kept<T> | undefined {
    return this.#byKey.get(key)
  }

  values(): Iterable<Kept<T>> {
    return this.#byKey.values()
  }

  get size(): number {
    return this.#byKey.size
  }

  /** Returns what had to go for it, which is itself when all others of its owner are newer. */
  set(entry: Kept<T>): Kept<T> | undefined {
    this.delete(entry.key)
    this.#byKey.set(entry.key, entry)
    if (this.#quota === undefined) return undefined
    const owner = this.#quota.owner(entry.item)
    const owned = this.#byOwner.get(owner) ?? new Map<string, Kept<T>>()
    this.#byOwner.set(owner, owned.set(entry.key, entry))
    if (owned.size <= this.#quota.max) return undefined
    const oldest = oldestOf(owned.values(), this.#quota)
    if (oldest !== undefined) this.delete(oldest.key)
    return oldest
  }

  delete(key: string): void {
    const known = this.#byKey.get(key)
    if (known === undefined) return
    this.#byKey.delete(key)
    if (this.#quota === undefined) return
    const owner = this.#quota.owner(known.item)
    const owned = this.#byOwner.get(owner)
    owned?.delete(key)
    if (owned?.size === 0) this.#byOwner.delete(owner)
  }
}

function oldestOf<T>(entries: Iterable<Kept<T>>, { createdAt }: Quota<T>): Kept<T> | undefined {
  let oldest: Kept<T> | undefined
  for (const entry of entries) {
    if (oldest === undefined || createdAt(entry.item) < createdAt(oldest.item)) oldest = entry
  }
  return oldest
}

export interface StoreOptions<T> {
  readonly name: string
  readonly select: (object: JsonObject) => T | undefined
  /** Without it everything is kept. */
  readonly quota?: Quota<T>
  readonly log: Log
}

/** A list as it is being read. */
export interface Reading<T> {
  readonly entries: Entries<T>
  add(object: JsonObject): void
}

/** Our copy of a list, and those who want to know what changes in it. Holds no object whole unless `select` does. */
export class ObjectStore<T> {
  readonly #options: StoreOptions<T>
  readonly #listeners: ((change: Change<T>) => void)[] = []
  /** Owners past their quota that were told of since the last list. */
  readonly #crowded = new Set<string>()
  #entries: Entries<T>

  constructor(options: StoreOptions<T>) {
    this.#options = options
    this.#entries = new Entries(options.quota)
  }

  get(key: string): T | undefined {
    return this.#entries.get(key)?.item
  }

  *values(): Iterable<T> {
    for (const { item } of this.#entries.values()) yield item
  }

  get size(): number {
    return this.#entries.size
  }

  subscribe(listener: (change: Change<T>) => void): void {
    this.#listeners.push(listener)
  }

  /** Reads a list into a copy of its own, so that one that breaks off changes nothing. */
  read(): Reading<T> {
    const entries = new Entries<T>(this.#options.quota)
    return { entries, add: (object) => void this.#keep(entries, this.#entryOf(object)) }
  }

  apply(object: JsonObject, deleted: boolean): void {
    const entry = this.#entryOf(object)
    const { key } = entry
    const before = this.#entries.get(key)?.item
    const gone = this.#keep(this.#entries, deleted ? { ...entry, item: undefined } : entry)
    this.#tell({ key, before, after: this.#entries.get(key)?.item })
    if (gone !== undefined && gone.key !== key)
      this.#tell({ key: gone.key, before: gone.item, after: undefined })
  }

  /** Takes a fresh list for the truth, and tells of everything in which it differs. */
  replace({ entries }: Pick<Reading<T>, 'entries'>): void {
    const before = this.#entries
    this.#entries = entries
    this.#crowded.clear()
    for (const { key, item } of before.values()) {
      if (entries.get(key) === undefined) this.#tell({ key, before: item, after: undefined })
    }
    for (const entry of entries.values()) {
      const known = before.get(entry.key)
      const same = known?.uid === entry.uid && known.resourceVersion === entry.resourceVersion
      if (!same) this.#tell({ key: entry.key, before: known?.item, after: entry.item })
    }
  }

  #keep(entries: Entries<T>, { item, ...entry }: Entry<T>): ReturnType<Entries<T>['set']> {
    if (item === undefined) {
      entries.delete(entry.key)
      return undefined
    }
    const gone = entries.set({ ...entry, item })
    if (gone !== undefined) this.#tellCrowded(gone.item)
    return gone
  }

  #tellCrowded(item: T): void {
    const { quota, name, log } = this.#options
    const owner = quota?.owner(item) ?? ''
    if (quota === undefined || this.#crowded.has(owner)) return
    this.#crowded.add(owner)
    const fields = { list: name, owner: quoted(owner), max: quota.max }
    log.warn(fields, 'more objects of one owner than are kept: its oldest are not looked at')
  }

  #entryOf(object: JsonObject): Entry<T> {
    const metadata = objectAt(object, 'metadata')
    const name = textAt(metadata, 'name')
    const namespace = textAt(metadata, 'namespace')
    const key = namespace === '' ? name : `${namespace}/${name}`
    const uid = textAt(metadata, 'uid')
    const resourceVersion = textAt(metadata, 'resourceVersion')
    return { key, uid, resourceVersion, item: this.#select(object, key) }
  }

  /** One object that trips the reduction must not stop the stream for all others. */
  #select(object: JsonObject, key: string): T | undefined {
    try {
      return this.#options.select(object)
    } catch (error) {
      this.#options.log.error(
        { list: this.#options.name, key: quoted(key), err: error },
        'an object could not be read',
      )
      return undefined
    }
  }

  #tell(change: Change<T>): void {
    if (change.before === undefined && change.after === undefined) return
    for (const listener of this.#listeners) {
      try {
        listener(change)
      } catch (error) {
        const fields = { list: this.#options.name, key: quoted(change.key), err: error }
        this.#options.log.error(fields, 'a subscriber of a list threw')
      }
    }
  }
}
