import type { Known } from '../../policies/types.ts'
import { type ApiServerIdentity, apiServerReservations, type Reservations } from './reservations.ts'
import { distrust, MAX_AGE_MS, type Sources } from './sources.ts'

/** All names, addresses and ranges that belong to the cluster. */
export class ReservedSet {
  readonly #sources: Pick<Sources, 'reservations' | 'serviceAddresses' | 'apiServer'>
  /** Cached, since the API server's identity rarely changes and every judgement needs it. */
  #own: { readonly identity: ApiServerIdentity; readonly reservations: Reservations } | undefined

  constructor(sources: Pick<Sources, 'reservations' | 'serviceAddresses' | 'apiServer'>) {
    this.#sources = sources
  }

  /** The current reservations. Unknown if any source is out of date. */
  now(): Known<Reservations> {
    const stores = this.#sources.reservations()
    for (const store of stores) {
      const because = distrust(store, MAX_AGE_MS)
      if (because !== null) return { known: false, because }
    }
    const services = this.#sources.serviceAddresses()
    if ([...services.values()].flat().length === 0)
      return { known: false, because: `the list of ${services.title} is empty, which no cluster's is` }
    const identity = this.#sources.apiServer()
    if (identity.certificateNames.length + identity.certificateAddresses.length === 0) {
      return { known: false, because: "the API server's certificate has not been seen yet" }
    }
    const stored = stores.flatMap((store) => [...store.values()].flat())
    return { known: true, value: [...stored, ...this.#ownOf(identity)] }
  }

  #ownOf(identity: ApiServerIdentity): Reservations {
    if (this.#own?.identity !== identity) {
      this.#own = { identity, reservations: apiServerReservations(identity) }
    }
    return this.#own.reservations
  }
}
