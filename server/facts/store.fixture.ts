import type { Change, Store } from '../ports.ts'

/** A store that a test fills directly. */
export class FakeStore<T> implements Store<T> {
  readonly #items = new Map<string, T>()
  readonly #listeners: ((change: Change<T>) => void)[] = []
  readonly title: string
  phase: 'syncing' | 'live' | 'absent' = 'live'
  silentMs = 0
  problem: string | null = null

  constructor(items: Readonly<Record<string, T>> = {}, title = 'objects') {
    this.title = title
    for (const [key, item] of Object.entries(items)) this.#items.set(key, item)
  }

  get(key: string): T | undefined {
    return this.#items.get(key)
  }

  values(): Iterable<T> {
    return this.#items.values()
  }

  get size(): number {
    return this.#items.size
  }

  state(): ReturnType<Store<T>['state']> {
    return { phase: this.phase, silentMs: this.silentMs, problem: this.problem }
  }

  subscribe(listener: (change: Change<T>) => void): void {
    this.#listeners.push(listener)
  }

  set(key: string, after: T | undefined): void {
    const before = this.#items.get(key)
    if (after === undefined) this.#items.delete(key)
    else this.#items.set(key, after)
    for (const listener of this.#listeners) listener({ key, before, after })
  }
}
