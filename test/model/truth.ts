/** What really was, never lost and never told by a Node: who was granted what, and how each came to report what it reports. */
export interface Granted {
  readonly node: string
  readonly value: string
  readonly at: number
  /** The grantee did not answer there when it was granted. */
  readonly unproven: boolean
}

export interface Reported {
  /** In the first set of values that this Node object reported. */
  readonly first: boolean
  /** A kubelet without certificate answered there when it was first reported. */
  readonly whileWaiting: boolean
}

export class Truth {
  readonly #granted = new Map<string, Granted[]>()
  readonly reported = new Map<string, Map<string, Reported>>()
  /** Since when a Node does not report a value that it was granted, or does not exist. */
  readonly #left = new Map<string, number>()
  readonly #served = new Set<string>()
  readonly #gone = new Map<string, number>()

  grant(one: Granted): void {
    this.#served.add(one.node)
    const before = this.#granted.get(one.value) ?? []
    this.#granted.set(one.value, [...before, one])
  }

  /** What a Node reports from now on; undefined once there is no such Node. */
  report(
    node: string,
    values: readonly string[] | undefined,
    now: { readonly at: number; readonly waits: (value: string) => boolean },
  ): void {
    const before = this.reported.get(node)
    for (const value of before?.keys() ?? [])
      if (values?.includes(value) !== true) this.#left.set(`${node} ${value}`, now.at)
    if (values === undefined) {
      this.#gone.set(node, now.at)
      return void this.reported.delete(node)
    }
    const first = before === undefined
    this.reported.set(
      node,
      new Map(
        values.map((value) => [value, before?.get(value) ?? { first, whileWaiting: now.waits(value) }]),
      ),
    )
  }

  reports(node: string, value: string): boolean {
    return this.reported.get(node)?.has(value) === true
  }

  /** Who was granted it last of those that still report it, or else the one that left it last. */
  holderOf(value: string): { readonly node: string; readonly leftAt: number | null } | undefined {
    const all = (this.#granted.get(value) ?? []).toReversed()
    const present = all.find(({ node }) => this.reports(node, value))
    if (present !== undefined) return { node: present.node, leftAt: null }
    const left = all.map(({ node }) => ({ node, leftAt: this.#left.get(`${node} ${value}`) ?? 0 }))
    return left.toSorted((one, other) => other.leftAt - one.leftAt)[0]
  }

  lastGrantee(value: string): string | undefined {
    return this.#granted.get(value)?.at(-1)?.node
  }

  wasServed(node: string): boolean {
    return this.#served.has(node)
  }

  /** When a Node of that name was deleted last. */
  goneAt(node: string): number | undefined {
    return this.#gone.get(node)
  }

  /** Values that a Node was granted without proof since then. */
  unprovenSince(node: string, since: number): Set<string> {
    const all = [...this.#granted.values()].flat()
    const counted = all.filter((one) => one.node === node && one.unproven && one.at >= since)
    return new Set(counted.map(({ value }) => value))
  }

  /** For the key of a state. */
  grants(): readonly Granted[] {
    return [...this.#granted.values()].flat()
  }

  leaves(): readonly (readonly [string, number])[] {
    return [...this.#left]
  }
}
