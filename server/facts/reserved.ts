import type { Known } from '../../policies/types.ts'
import type { Store } from '../ports.ts'
import { type ApiServerIdentity, apiServerReservations, type Reservations } from './reservations.ts'
import { distrust, MAX_AGE_MS } from './freshness.ts'

export interface ReservedSetDependencies {
  /** Those that hold reserved names, addresses and ranges, as the server has them now. */
  readonly reservations: () => readonly Store<Reservations>[]
  /** The one of them that holds the ranges of Services, or the Services. No cluster is without: one that is empty was not read. */
  readonly serviceAddresses: () => Store<Reservations>
  /** The API server's identity. Returns the same object until it changes. */
  readonly apiServer: () => ApiServerIdentity
}

/** All names, addresses and ranges that belong to the cluster. */
export class ReservedSet {
  readonly #stores: ReservedSetDependencies
  /** Cached, since the API server's identity rarely changes and every judgement needs it. */
  #own: { readonly identity: ApiServerIdentity; readonly reservations: Reservations } | undefined
  /** What each list holds, until it changes. */
  readonly #held = new Map<Store<Reservations>, { reservations: Reservations | null }>()
  #all: { readonly parts: readonly Reservations[]; readonly known: Known<Reservations> } | undefined

  constructor(stores: ReservedSetDependencies) {
    this.#stores = stores
  }

  /** The current reservations. Unknown if any source is out of date. Returns the same object until they change. */
  now(): Known<Reservations> {
    const because = this.problem()
    if (because !== null) return { known: false, because }
    const stored = this.#stores.reservations().map((store) => this.#heldBy(store))
    const parts = [...stored, this.#ownOf(this.#stores.apiServer())]
    if (this.#all === undefined || !isSame(parts, this.#all.parts))
      this.#all = { parts, known: { known: true, value: parts.flat() } }
    return this.#all.known
  }

  /** Why they are not known, null if they are. Asked before each CSR: it collects nothing. */
  problem(): string | null {
    for (const store of this.#stores.reservations()) {
      const because = distrust(store, MAX_AGE_MS)
      if (because !== null) return because
    }
    const services = this.#stores.serviceAddresses()
    if (isEmpty(services)) return `the list of ${services.title} is empty, which no cluster's is`
    const { certificateNames, certificateAddresses } = this.#stores.apiServer()
    const isUnseen = certificateNames.length + certificateAddresses.length === 0
    return isUnseen ? "the API server's certificate has not been seen yet" : null
  }

  #heldBy(store: Store<Reservations>): Reservations {
    const known = this.#held.get(store)
    const held = known ?? { reservations: null }
    if (known === undefined) {
      this.#held.set(store, held)
      store.subscribe(() => (held.reservations = null))
    }
    return (held.reservations ??= [...store.values()].flat())
  }

  #ownOf(identity: ApiServerIdentity): Reservations {
    if (this.#own?.identity !== identity) {
      this.#own = { identity, reservations: apiServerReservations(identity) }
    }
    return this.#own.reservations
  }
}

function isSame(one: readonly Reservations[], other: readonly Reservations[]): boolean {
  return one.length === other.length && one.every((part, index) => part === other[index])
}

function isEmpty(store: Store<Reservations>): boolean {
  for (const reservations of store.values()) if (reservations.length > 0) return false
  return true
}
