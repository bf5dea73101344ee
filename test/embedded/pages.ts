import type { JsonObject } from '../../server/ports.ts'
import { type Collection, type Stored } from './collection.ts'
import { expired } from './refusal.ts'
import type { Matches } from './selectors.ts'

interface Snapshot {
  readonly version: number
  readonly items: readonly Stored[]
}

export interface ListOptions {
  readonly namespace: string
  readonly matches: Matches
  /** Objects a page; 0 for all. */
  readonly limit: number
  /** The token of the page before. */
  readonly token: string | null
}

/** Lists that are not read to their end; of more, the oldest is forgotten. */
const SNAPSHOTS = 64

/** Lists by the page. All pages of a list show the cluster as of its first. */
export class Pages {
  readonly #snapshots = new Map<string, Snapshot>()
  #lists = 0

  page(collection: Collection, { namespace, matches, limit, token }: ListOptions) {
    const [list = '', start = '0'] = token?.split(':') ?? []
    const snapshot =
      token === null
        ? { version: collection.version, items: collection.list(namespace, matches) }
        : this.#continuedFrom(list, collection)
    const { items, version } = snapshot
    const begin = Number(start)
    const end = limit === 0 ? items.length : begin + limit
    const rest = items.length - end
    const more = rest > 0 && { continue: `${this.#keep(list, snapshot)}:${end}`, remainingItemCount: rest }
    const metadata: JsonObject = { resourceVersion: String(version), ...more }
    return { metadata, items: items.slice(begin, end).map(untyped) }
  }

  #continuedFrom(list: string, { compactedAt }: Collection): Snapshot {
    const known = this.#snapshots.get(list)
    if (known !== undefined && known.version >= compactedAt) return known
    throw expired('The provided continue parameter is too old to display a consistent list result.')
  }

  #keep(list: string, snapshot: Snapshot): string {
    const name = list === '' ? String((this.#lists += 1)) : list
    this.#snapshots.set(name, snapshot)
    const [oldest] = this.#snapshots.keys()
    if (this.#snapshots.size > SNAPSHOTS && oldest !== undefined) this.#snapshots.delete(oldest)
    return name
  }
}

/** Items of a list bear no type. */
function untyped({ apiVersion: _version, kind: _kind, ...item }: Stored): JsonObject {
  return item
}
