import type { Known } from '../../policies/types.ts'
import { type ApiServerIdentity, apiServerReservations, type Reservations } from './reservations.ts'
import { distrust, MAX_AGE_MS, type Sources } from './sources.ts'

/** Every name, address and range that belongs to the cluster, as its sources report them now. */
export class ReservedSet {
  readonly #sources: Pick<Sources, 'reservations' | 'apiServer'>
  /** What the API server shows of itself hardly ever changes, and is asked for with each judgement. */
  #own: { readonly identity: ApiServerIdentity; readonly reservations: Reservations } | undefined

  constructor(sources: Pick<Sources, 'reservations' | 'apiServer'>) {
    this.#sources = sources
  }

  /** One source that cannot be trusted makes all unknown. */
  now(): Known<Reservations> {
    const stores = this.#sources.reservations()
    for (const store of stores) {
      const because = distrust(store, MAX_AGE_MS)
      if (because !== null) return { known: false, because }
    }
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
