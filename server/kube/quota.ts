/**
 * What the objects of owners that are not trusted may take. Past `max` objects an owner's oldest are ignored. Past either
 * number of bytes an object is kept as its outline, and whoever needs the rest reads it again.
 */
export interface Quota<T> {
  readonly owner: (item: T) => string
  /** Milliseconds since the epoch. */
  readonly createdAt: (item: T) => number
  readonly max: number
  /** Heap that an item takes beyond its outline; 0 for an outline. */
  readonly bytes: (item: T) => number
  readonly outline: (item: T) => T
  /** For all objects of one owner, and for those of all. */
  readonly ownerMaxBytes: number
  readonly maxBytes: number
}

interface Owned {
  /** What each object takes, by its key. */
  readonly keys: Map<string, number>
  bytes: number
}

/** Which keys each owner has, and what they take. */
export class Owners<T> {
  readonly #quota: Quota<T>
  readonly #byOwner = new Map<string, Owned>()
  #bytes = 0

  constructor(quota: Quota<T>) {
    this.#quota = quota
  }

  /** The item if there is room for it, else its outline. */
  fit(item: T): T {
    const { bytes, owner, outline, ownerMaxBytes, maxBytes } = this.#quota
    const more = bytes(item)
    const owned = this.#byOwner.get(owner(item))?.bytes ?? 0
    return owned + more <= ownerMaxBytes && this.#bytes + more <= maxBytes ? item : outline(item)
  }

  /** Returns all keys of the owner when they are too many. */
  add(key: string, item: T): Iterable<string> | undefined {
    const owner = this.#quota.owner(item)
    const bytes = this.#quota.bytes(item)
    const owned = this.#byOwner.get(owner) ?? { keys: new Map<string, number>(), bytes: 0 }
    this.#byOwner.set(owner, owned)
    owned.keys.set(key, bytes)
    owned.bytes += bytes
    this.#bytes += bytes
    return owned.keys.size > this.#quota.max ? owned.keys.keys() : undefined
  }

  remove(key: string, item: T): void {
    const owner = this.#quota.owner(item)
    const owned = this.#byOwner.get(owner)
    const bytes = owned?.keys.get(key)
    if (owned === undefined || bytes === undefined) return
    owned.keys.delete(key)
    owned.bytes -= bytes
    this.#bytes -= bytes
    if (owned.keys.size === 0) this.#byOwner.delete(owner)
  }
}
