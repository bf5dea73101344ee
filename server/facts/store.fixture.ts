import type { Change, CompareIssued, Store } from '../ports.ts'
import type { Grants } from './grants.ts'

/** A ledger in which nobody was granted anything. */
export const noGrants: Grants = {
  of: () => undefined,
  called: () => [],
  having: () => [],
  incomplete: () => null,
  since: () => -Infinity,
  incompleteAnywhere: () => null,
  releasedAt: () => -Infinity,
}

/** For tests that are not about issued certificates. */
export const unexamined: CompareIssued = () => ({ notAfter: 0, mismatches: [] })

/** A store that a test fills directly. */
export class FakeStore<T> implements Store<T> {
  readonly #items = new Map<string, T>()
  readonly #listeners: ((change: Change<T>) => void)[] = []
  readonly title: string
  phase: 'syncing' | 'live' | 'absent' = 'live'
  ageMs = 0
  refreshes = 0
  /** What a refresh does; by default the store is current afterwards. */
  onRefresh = async (): Promise<void> => {
    this.ageMs = 0
  }
  readonly unreadable = new Set<string>()
  problem: string | null = null

  constructor(items: Readonly<Record<string, T>> = {}, title = 'objects') {
    this.title = title
    for (const [key, item] of Object.entries(items)) this.#items.set(key, item)
  }

  get(key: string): T | undefined {
    return this.#items.get(key)
  }

  isUnreadable(key: string): boolean {
    return this.unreadable.has(key)
  }

  async refresh(maxAgeMs: number): Promise<void> {
    if (this.ageMs <= maxAgeMs) return
    this.refreshes += 1
    await this.onRefresh()
  }

  values(): Iterable<T> {
    return this.#items.values()
  }

  get size(): number {
    return this.#items.size
  }

  state(): ReturnType<Store<T>['state']> {
    return { phase: this.phase, ageMs: this.ageMs, problem: this.problem }
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
