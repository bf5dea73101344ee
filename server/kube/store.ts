import { quoted } from '../../policies/text.ts'
import { forEachInTurns } from '../in-turns.ts'
import { objectAt, textAt } from '../json.ts'
import type { Change, JsonObject, Log } from '../ports.ts'
import type { Item } from './items.ts'
import { Owners, type Quota } from './quota.ts'
import { isOlder } from './resource-version.ts'

export interface StoreOptions<T> {
  readonly name: string
  /**
   * Reduces an object to what is kept; undefined when it is not to be kept.
   * @param before the same object as it was kept, if it was: what never changes need not be read again
   */
  readonly select: (object: JsonObject, before: T | undefined) => T | undefined
  /** Where whoever makes objects is not trusted to make few, or small ones. */
  readonly quota?: Quota<T>
  readonly log: Log
}

interface Entry<T> {
  readonly uid: string
  readonly resourceVersion: string
  /** Of an object that cannot be read: as it last was, undefined when it never could be read. */
  readonly item: T | undefined
  readonly unreadable: boolean
  /** The list that showed it last. */
  list: number
}

/**
 * The objects of one list by key, and those who want to know what changes. Lists are read into it in place: every object
 * that a list shows is marked, and what is left unmarked at its end is gone. So nothing is ever held twice.
 */
export class ObjectStore<T> {
  readonly #options: StoreOptions<T>
  readonly #listeners: ((change: Change<T>) => void)[] = []
  readonly #byKey = new Map<string, Entry<T>>()
  readonly #owners: Owners<T> | undefined
  /** Owners past their quota that were logged since the last list. */
  readonly #crowded = new Set<string>()
  /** The resourceVersion of each key that the watch reported since the list under way began: mostly newer than what that list shows. */
  readonly #touched = new Map<string, string>()
  #list = 0
  /** The resourceVersion of the last whole list. */
  #listed = ''
  #listing = false

  constructor(options: StoreOptions<T>) {
    this.#options = options
    this.#owners = options.quota && new Owners(options.quota)
  }

  get(key: string): T | undefined {
    return this.#byKey.get(key)?.item
  }

  /** Whether there is such an object, and it cannot be read as it is now. Its last state still counts against others. */
  isUnreadable(key: string): boolean {
    return this.#byKey.get(key)?.unreadable === true
  }

  *values(): Iterable<T> {
    for (const { item } of this.#byKey.values()) if (item !== undefined) yield item
  }

  get size(): number {
    return this.#byKey.size
  }

  subscribe(listener: (change: Change<T>) => void): void {
    this.#listeners.push(listener)
  }

  /** A list begins: what it does not show until {@link endList} is gone. */
  beginList(): void {
    this.#list += 1
    this.#listing = true
    this.#touched.clear()
  }

  /** An object of the list under way. */
  addListed(item: Item): void {
    if (item.readable && this.#isKnown(item.object)) return
    const read = this.#read(item)
    if (read === null) return
    const touched = this.#touched.get(read.key)
    if (touched === undefined || isOlder(touched, read.resourceVersion)) this.#put(read)
  }

  /** Marks what has not changed since it was read: most of a list, and not worth reducing again. */
  #isKnown(object: JsonObject): boolean {
    const { key, uid, resourceVersion } = identityOf(object)
    const known = this.#byKey.get(key)
    if (known?.uid !== uid || known.resourceVersion !== resourceVersion) return false
    known.list = this.#list
    return true
  }

  /** The list of that version is complete: forgets what it did not show, unless it is newer. */
  async endList(version: string): Promise<void> {
    this.#crowded.clear()
    this.#listed = version
    await forEachInTurns(this.#byKey, ([key, { list, item }]) => {
      const touched = this.#touched.get(key)
      if (list === this.#list || (touched !== undefined && !isOlder(touched, version))) return
      this.#forget(key)
      this.#report({ key, before: item, after: undefined })
    })
    this.#listing = false
    this.#touched.clear()
  }

  /** An event of the watch. */
  apply(item: Item, deleted: boolean): void {
    const read = this.#read(item)
    if (read === null) return
    const { key } = read
    const known = this.#byKey.get(key)
    if (this.#isLate(read, known, deleted)) return
    if (this.#listing) this.#touched.set(key, read.resourceVersion)
    if (!deleted) return this.#put(read, known?.list ?? this.#list - 1)
    if (known === undefined) return
    this.#forget(key)
    this.#report({ key, before: known.item, after: undefined })
  }

  /** A watch that lags behind a list reports again what the list has shown already, or has shown to be gone. */
  #isLate({ uid, resourceVersion }: Read<T>, known: Entry<T> | undefined, deleted: boolean): boolean {
    if (known?.uid !== uid) return isOlder(resourceVersion, this.#listed)
    return (
      isOlder(resourceVersion, known.resourceVersion) || (!deleted && isOlder(resourceVersion, this.#listed))
    )
  }

  #put({ key, uid, resourceVersion, item, keep }: Read<T>, list = this.#list): void {
    const known = this.#byKey.get(key)
    this.#forget(key)
    const unreadable = keep && item === undefined
    const kept = this.#fitted(unreadable ? known?.item : item)
    if (keep) this.#byKey.set(key, { uid, resourceVersion, item: kept, unreadable, list })
    const gone = this.#own(key)
    this.#report({ key, before: known?.item, after: this.#byKey.get(key)?.item })
    if (gone !== undefined && gone.key !== key)
      this.#report({ key: gone.key, before: gone.item, after: undefined })
  }

  #forget(key: string): void {
    const known = this.#byKey.get(key)
    if (known === undefined) return
    this.#byKey.delete(key)
    if (known.item !== undefined) this.#owners?.remove(key, known.item)
  }

  #fitted(item: T | undefined): T | undefined {
    return item === undefined || this.#owners === undefined ? item : this.#owners.fit(item)
  }

  /** Counts an object towards its owner's quota. Returns the object that had to go for it, if any. */
  #own(key: string): { readonly key: string; readonly item: T } | undefined {
    const { quota } = this.#options
    const item = this.get(key)
    if (quota === undefined || item === undefined) return undefined
    const tooMany = this.#owners?.add(key, item)
    if (tooMany === undefined) return undefined
    const oldest = this.#oldestOf(tooMany, quota)
    if (oldest !== undefined) this.#forget(oldest.key)
    this.#logCrowded(quota.owner(item), quota.max)
    return oldest
  }

  #oldestOf(keys: Iterable<string>, { createdAt }: Quota<T>) {
    let oldest: { readonly key: string; readonly item: T } | undefined
    for (const key of keys) {
      const item = this.get(key)
      if (item === undefined) continue
      if (oldest === undefined || createdAt(item) < createdAt(oldest.item)) oldest = { key, item }
    }
    return oldest
  }

  #logCrowded(owner: string, max: number): void {
    if (this.#crowded.has(owner)) return
    this.#crowded.add(owner)
    const { name, log } = this.#options
    log.warn(
      { list: name, owner: quoted(owner), max },
      'one owner has more objects than are kept: the oldest are ignored',
    )
  }

  /** Null when it is not known which object it is. */
  #read(item: Item): Read<T> | null {
    const { name, log, select } = this.#options
    if (!item.readable) {
      log.warn(
        { list: name, key: item.key === null ? null : quoted(item.key), because: item.because },
        'an object cannot be read',
      )
      return item.key === null
        ? null
        : { key: item.key, uid: '', resourceVersion: '', item: undefined, keep: true }
    }
    const identity = identityOf(item.object)
    try {
      const known = this.#byKey.get(identity.key)
      const selected = select(item.object, known?.uid === identity.uid ? known.item : undefined)
      return { ...identity, item: selected, keep: selected !== undefined }
    } catch (error) {
      // One object that trips the reduction must not stop the stream for all others.
      log.error({ list: name, key: quoted(identity.key), err: error }, 'an object could not be read')
      return { ...identity, item: undefined, keep: true }
    }
  }

  #report(change: Change<T>): void {
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

interface Read<T> {
  readonly key: string
  readonly uid: string
  readonly resourceVersion: string
  readonly item: T | undefined
  /** False for an object that is of no interest. */
  readonly keep: boolean
}

function identityOf(object: JsonObject): Pick<Read<unknown>, 'key' | 'uid' | 'resourceVersion'> {
  const metadata = objectAt(object, 'metadata')
  const name = textAt(metadata, 'name')
  const namespace = textAt(metadata, 'namespace')
  return {
    key: namespace === '' ? name : `${namespace}/${name}`,
    uid: textAt(metadata, 'uid'),
    resourceVersion: textAt(metadata, 'resourceVersion'),
  }
}
