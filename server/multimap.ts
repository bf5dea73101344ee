/** A set of values for each key. A key without values takes no memory. */
export class Multimap<Value> {
  readonly #byKey = new Map<string, Set<Value>>()

  /** The values of `key` in the order in which they were added. */
  get(key: string): ReadonlySet<Value> {
    return this.#byKey.get(key) ?? new Set()
  }

  add(key: string, value: Value): void {
    const values = this.#byKey.get(key)
    if (values === undefined) this.#byKey.set(key, new Set([value]))
    else values.add(value)
  }

  delete(key: string, value: Value): void {
    const values = this.#byKey.get(key)
    values?.delete(value)
    if (values?.size === 0) this.#byKey.delete(key)
  }
}
