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
