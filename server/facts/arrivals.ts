import type { Limits } from '../../policies/limits.ts'
import type { Address, NodeFacts, Precedence, Sight } from '../../policies/types.ts'
import type { Change, Store } from '../ports.ts'

/** What an address shows now, after a look; undefined where nobody looked. */
type Look = (
  node: string,
  addresses: readonly Address[],
) => Promise<(address: Address) => Sight['kind'] | undefined>

interface ArrivalsParts {
  readonly nodes: Pick<Store<NodeFacts>, 'subscribe' | 'state'>
  /** Has addresses of a Node dialled. Never rejects. */
  readonly look: Look
  /** Since when it is known whether a Node of that name was granted anything; Infinity where it is not. */
  readonly grantsSince: (node: string) => number
  /** Milliseconds since the epoch by the API server's clock. */
  readonly now: () => number
  readonly limits: Pick<Limits, 'reportedForMs' | 'newAtStartMs'>
}

interface Arrival {
  /** Of what was not reported with the first addresses, or before a kubelet waited there; 2 for others. */
  readonly lower: Map<Address, 0 | 1>
  readonly reportedAt: Map<Address, number>
}

/** A kubelet has one address, or one of each family, on each of two networks. */
const LOOKS = 4
/** All Nodes of the largest cluster: 100 bytes each. */
const GONE_MAX = 20_000

/** How Nodes came to report their addresses, as far as this process saw it. Each is looked at when it is reported first. */
export class Arrivals {
  readonly #parts: ArrivalsParts
  readonly #byUid = new Map<string, Arrival>()
  readonly #goneAt = new Map<string, number>()
  readonly #startedAt: number

  constructor(parts: ArrivalsParts) {
    this.#parts = parts
    this.#startedAt = parts.now()
    parts.nodes.subscribe((change) => this.#note(change))
  }

  /** What was not seen counts for the Node: it is as new as can be. */
  precedence({ uid, name, createdAt }: NodeFacts, address: Address): Precedence {
    const arrival = this.#byUid.get(uid)
    if (arrival !== undefined) return arrival.lower.get(address) ?? 2
    const { grantsSince, limits } = this.#parts
    const mayBeNew = createdAt > this.#startedAt - limits.newAtStartMs || createdAt < grantsSince(name)
    return mayBeNew ? 2 : 1
  }

  /** For how long a Node has reported an address; undefined after a second, and where that was not seen. */
  reportedMs({ uid }: NodeFacts, address: Address): number | undefined {
    const at = this.#byUid.get(uid)?.reportedAt.get(address)
    const { now, limits } = this.#parts
    const ms = at === undefined ? Infinity : Math.max(0, now() - at)
    return ms < limits.reportedForMs ? ms : undefined
  }

  /** For how long there has been no Node of that name, as far as this process knows; it must not exist now. */
  goneMs(name: string): number {
    return Math.max(0, this.#parts.now() - (this.#goneAt.get(name) ?? this.#startedAt))
  }

  #note({ before, after }: Change<NodeFacts>): void {
    const now = this.#parts.now()
    if (before !== undefined && before.uid !== after?.uid) this.#byUid.delete(before.uid)
    if (before !== undefined && after === undefined) this.#leave(before.name, now)
    // Those of the first list have been there before.
    if (this.#parts.nodes.state().phase === 'syncing') return
    if (after !== undefined) this.#arrive(after, before?.uid === after.uid ? before : undefined, now)
  }

  #leave(name: string, now: number): void {
    this.#goneAt.delete(name)
    this.#goneAt.set(name, now)
    const [oldest = ''] = this.#goneAt.keys()
    if (this.#goneAt.size > GONE_MAX) this.#goneAt.delete(oldest)
  }

  #arrive(node: NodeFacts, before: NodeFacts | undefined, now: number): void {
    const known = before?.addresses ?? []
    const added = node.addresses.filter((address) => !known.includes(address))
    if (added.length === 0) return
    const arrival = this.#byUid.get(node.uid) ?? this.#begin(node, known)
    for (const address of added) arrival.reportedAt.set(address, now)
    // A cloud provider reports the addresses a moment after the kubelet has registered the Node without any.
    if (known.length > 0) for (const address of added) arrival.lower.set(address, 0)
    else void this.#look(node.name, arrival, added)
  }

  #begin(node: NodeFacts, known: readonly Address[]): Arrival {
    const lower = known.filter((address) => this.precedence(node, address) < 2)
    const arrival = { lower: new Map(lower.map((address) => [address, 1 as const])), reportedAt: new Map() }
    this.#byUid.set(node.uid, arrival)
    return arrival
  }

  async #look(node: string, { lower }: Arrival, addresses: readonly Address[]): Promise<void> {
    for (const address of addresses.slice(LOOKS)) lower.set(address, 1)
    const first = addresses.slice(0, LOOKS)
    const seen = await this.#parts.look(node, first)
    for (const address of first) {
      const saw = seen(address)
      if (saw !== undefined && saw !== 'noCertificate') lower.set(address, 1)
    }
  }
}
