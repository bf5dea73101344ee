import { quoted } from '../../policies/text.ts'
import type { Change, JsonObject, Log } from '../ports.ts'
import { Entries, type Entry, type Quota } from './entries.ts'
import { objectAt, textAt } from '../json.ts'

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
