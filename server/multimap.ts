/** Of each key without values. */
const NONE: ReadonlySet<never> = new Set()

/** A set of values for each key. A key without values takes no memory, and one with a single value, as nearly all have, no set. */
export class Multimap<Value extends string | object> {
  readonly #byKey = new Map<string, Value | Set<Value>>()

  /** The values of `key` in the order in which they were added. */
  get(key: string): ReadonlySet<Value> {
    const found = this.#byKey.get(key)
    if (found === undefined) return NONE
    return found instanceof Set ? found : new Set([found])
  }

  add(key: string, value: Value): void {
    const found = this.#byKey.get(key)
    if (found === undefined) this.#byKey.set(key, value)
    else if (found instanceof Set) found.add(value)
    else if (found !== value) this.#byKey.set(key, new Set([found, value]))
  }

  delete(key: string, value: Value): void {
    const found = this.#byKey.get(key)
    if (found instanceof Set) {
      found.delete(value)
      const [last] = found
      if (last !== undefined && found.size === 1) this.#byKey.set(key, last)
    } else if (found === value) this.#byKey.delete(key)
  }
}
