import type { Collection, Named, Stored } from './collection.ts'

/** One resource as a test sees it from the path of a list: what it puts is of the path's namespace, and so is what it gets. */
export class View {
  readonly #collection: Collection
  readonly #namespace: string

  /** @param namespace empty if the resource has none */
  constructor(collection: Collection, namespace: string) {
    this.#collection = collection
    this.#namespace = namespace
  }

  /** Creates or replaces, and validates nothing. `silently`: no watch gets the event, as if it were lost. */
  put({ metadata, ...object }: Named, silently = false): Stored {
    const own = this.#namespace === '' ? {} : { namespace: this.#namespace }
    return this.#collection.put({ ...object, metadata: { ...own, ...metadata } }, silently)
  }

  get(name: string): Stored | undefined {
    return this.#collection.get(this.#namespace, name)
  }

  list(): readonly Stored[] {
    return this.#collection.list(this.#namespace, () => true)
  }

  remove(name: string, silently = false): void {
    this.#collection.remove(name, this.#namespace, silently)
  }

  /** The version of the whole server. */
  get version(): number {
    return this.#collection.version
  }

  /** Of the resource in any namespace. What follows acts on all of them. */
  get watchers(): number {
    return this.#collection.watchers
  }

  bookmark(): void {
    this.#collection.bookmark()
  }

  say(line: string): void {
    this.#collection.say(line)
  }

  end(how: 'closed' | 'cut'): void {
    this.#collection.end(how)
  }
}
