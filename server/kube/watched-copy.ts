import type { Change, JsonObject, Log } from '../ports.ts'
import { objectAt, textAt } from './list.ts'

/** An object as it is kept. `item` is undefined for one that is not to be kept. */
export interface Entry<T> {
  readonly key: string
  readonly uid: string
  readonly resourceVersion: string
  readonly item: T | undefined
}

export interface CopyOptions<T> {
  readonly name: string
  readonly select: (object: JsonObject) => T | undefined
  readonly log: Log
}

/** Our copy of a list, and those who want to know what changes in it. Holds no object whole unless `select` does. */
export class WatchedCopy<T> {
  readonly #options: CopyOptions<T>
  readonly #listeners: ((change: Change<T>) => void)[] = []
  #entries = new Map<string, Entry<T>>()

  constructor(options: CopyOptions<T>) {
    this.#options = options
  }

  get(key: string): T | undefined {
    return this.#entries.get(key)?.item
  }

  *values(): Iterable<T> {
    for (const { item } of this.#entries.values()) if (item !== undefined) yield item
  }

  get size(): number {
    return this.#entries.size
  }

  subscribe(listener: (change: Change<T>) => void): void {
    this.#listeners.push(listener)
  }

  entryOf(object: JsonObject): Entry<T> {
    const metadata = objectAt(object, 'metadata')
    const name = textAt(metadata, 'name')
    const namespace = textAt(metadata, 'namespace')
    const key = namespace === '' ? name : `${namespace}/${name}`
    const uid = textAt(metadata, 'uid')
    const resourceVersion = textAt(metadata, 'resourceVersion')
    return { key, uid, resourceVersion, item: this.#select(object, key) }
  }

  apply(object: JsonObject, deleted: boolean): void {
    const entry = this.entryOf(object)
    const before = this.#entries.get(entry.key)?.item
    const after = deleted ? undefined : entry.item
    if (after === undefined) this.#entries.delete(entry.key)
    else this.#entries.set(entry.key, entry)
    this.#tell({ key: entry.key, before, after })
  }

  /** Takes a fresh list for the truth, and tells of everything in which it differs. */
  replace(listed: readonly Entry<T>[]): void {
    const before = this.#entries
    this.#entries = new Map(
      listed.filter(({ item }) => item !== undefined).map((entry) => [entry.key, entry]),
    )
    for (const [key, { item }] of before) {
      if (!this.#entries.has(key)) this.#tell({ key, before: item, after: undefined })
    }
    for (const [key, entry] of this.#entries) {
      const known = before.get(key)
      const same = known?.uid === entry.uid && known.resourceVersion === entry.resourceVersion
      if (!same) this.#tell({ key, before: known?.item, after: entry.item })
    }
  }

  /** One object that trips the reduction must not stop the stream for all others. */
  #select(object: JsonObject, key: string): T | undefined {
    try {
      return this.#options.select(object)
    } catch (error) {
      this.#options.log.error({ list: this.#options.name, key, err: error }, 'an object could not be read')
      return undefined
    }
  }

  #tell(change: Change<T>): void {
    if (change.before === undefined && change.after === undefined) return
    for (const listener of this.#listeners) {
      try {
        listener(change)
      } catch (error) {
        const fields = { list: this.#options.name, key: change.key, err: error }
        this.#options.log.error(fields, 'a subscriber of a list threw')
      }
    }
  }
}
