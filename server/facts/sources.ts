import type { Known, NodeFacts, Reservation } from '../../policies/types.ts'
import type { Store } from '../ports.ts'
import { distrust } from './freshness.ts'
import { apiServerReservations, type ApiServerIdentity, type Reservations } from './reservations.ts'
import type { StoredRequest } from './stored-requests.ts'

/** The watched lists that facts are drawn from. */
export interface Sources {
  readonly nodes: Store<NodeFacts>
  readonly csrs: Store<StoredRequest>
  /** Absent before Kubernetes 1.33; then `services` counts. */
  readonly serviceCidrs: Store<Reservations>
  readonly services: Store<Reservations>
  readonly kubernetesService: Store<Reservations>
  readonly apiEndpoints: Store<Reservations>
  readonly clusterInfo: Store<Reservations>
  /** From the TLS sessions of our own connection; the same object while nothing of it has changed. */
  readonly apiServer: () => ApiServerIdentity
}

/** Every name, address and range that belongs to the cluster, as its sources say now. */
export class ReservedSet {
  readonly #sources: Sources
  /** What the API server shows of itself hardly ever changes, and is asked for with each judgement. */
  #own: { readonly identity: ApiServerIdentity; readonly reservations: Reservations } | undefined

  constructor(sources: Sources) {
    this.#sources = sources
  }

  /** One source that cannot be trusted makes all unknown. */
  now(): Known<readonly Reservation[]> {
    const { serviceCidrs, services, kubernetesService, apiEndpoints, clusterInfo, apiServer } = this.#sources
    const ranges = serviceCidrs.state().phase === 'absent' ? services : serviceCidrs
    const lists = [
      [ranges, 'Service ranges'],
      [kubernetesService, 'the Service default/kubernetes'],
      [apiEndpoints, 'the API server’s endpoints'],
      [clusterInfo, 'kube-public/cluster-info'],
    ] as const
    for (const [list, name] of lists) {
      const because = distrust(list, name)
      if (because !== null) return { known: false, because }
    }
    const identity = apiServer()
    if (identity.certificateNames.length + identity.certificateAddresses.length === 0) {
      return { known: false, because: 'the API server’s certificate has not been seen yet' }
    }
    return {
      known: true,
      value: [...lists.flatMap(([list]) => [...list.values()].flat()), ...this.#ownOf(identity)],
    }
  }

  #ownOf(identity: ApiServerIdentity): Reservations {
    if (this.#own?.identity !== identity) {
      this.#own = { identity, reservations: apiServerReservations(identity) }
    }
    return this.#own.reservations
  }
}
