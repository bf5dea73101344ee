import { Collection } from './collection.ts'
import { apiVersionOf, type Resource } from './resources.ts'

/** All that is stored: a collection for each resource, with one resourceVersion for all. */
export class Collections {
  readonly #byType = new Map<string, Collection>()
  /** Begins where that of no real cluster is, so that a test which mixes the two fails. */
  #version = 1_000

  of(resource: Resource): Collection {
    const apiVersion = apiVersionOf(resource)
    const key = `${resource.plural}.${apiVersion}`
    const known = this.#byType.get(key)
    if (known !== undefined) return known
    const type = { apiVersion, kind: resource.kind }
    const created = new Collection((step) => (this.#version += step), type)
    this.#byType.set(key, created)
    return created
  }

  /** As an etcd that was restored from a backup: the next versions are lower than those handed out. */
  turnBack(version: number): void {
    this.#version = version
    for (const collection of this.#byType.values()) collection.forgetAfter(version)
  }

  /** Watches and lists can be resumed from the present version, and from no earlier one. */
  compact(): void {
    this.#version += 1
    for (const collection of this.#byType.values()) collection.compact()
  }
}
