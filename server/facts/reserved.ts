import type { Known } from '../../policies/types.ts'
import type { Store } from '../ports.ts'
import { type ApiServerIdentity, apiServerReservations, type Reservations } from './reservations.ts'
import { distrust, MAX_AGE_MS, type Sources } from './sources.ts'

/** All names, addresses and ranges that belong to the cluster. */
export class ReservedSet {
  readonly #sources: Pick<Sources, 'reservations' | 'serviceAddresses' | 'apiServer'>
  /** Cached, since the API server's identity rarely changes and every judgement needs it. */
  #own: { readonly identity: ApiServerIdentity; readonly reservations: Reservations } | undefined
  /** What each list holds, until it changes. */
  readonly #held = new Map<Store<Reservations>, { reservations: Reservations | null }>()
  #all: { readonly parts: readonly Reservations[]; readonly known: Known<Reservations> } | undefined

  constructor(sources: Pick<Sources, 'reservations' | 'serviceAddresses' | 'apiServer'>) {
    this.#sources = sources
  }

  /** The current reservations. Unknown if any source is out of date. Returns the same object until they change. */
  now(): Known<Reservations> {
    const because = this.problem()
    if (because !== null) return { known: false, because }
    const stored = this.#sources.reservations().map((store) => this.#heldBy(store))
    const parts = [...stored, this.#ownOf(this.#sources.apiServer())]
    if (this.#all === undefined || !isSame(parts, this.#all.parts))
      this.#all = { parts, known: { known: true, value: parts.flat() } }
    return this.#all.known
  }

  /** Why they are not known, null if they are. Asked before each CSR: it collects nothing. */
  problem(): string | null {
    for (const store of this.#sources.reservations()) {
      const because = distrust(store, MAX_AGE_MS)
      if (because !== null) return because
    }
    const services = this.#sources.serviceAddresses()
    if (isEmpty(services)) return `the list of ${services.title} is empty, which no cluster's is`
    const { certificateNames, certificateAddresses } = this.#sources.apiServer()
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
