import type { NodeFacts } from '../policies/types.ts'
import { CSRS_PATH } from './controller/act.ts'
import { selectNode } from './facts/nodes.ts'
import {
  type Reservations,
  selectApiEndpoints,
  selectClusterInfo,
  selectService,
  selectServiceCidr,
} from './facts/reservations.ts'
import type { Sources } from './facts/sources.ts'
import { Informer, type InformerOptions } from './kube/informer.ts'
import { keepCsr, type StoredCsr } from './facts/stored-csr.ts'
import type { Cluster } from './kube/transport.ts'
import type { Instruments, Log } from './ports.ts'

type Query<T> = Pick<
  InformerOptions<T>,
  'name' | 'path' | 'fieldSelector' | 'select' | 'watchSeconds' | 'quota'
>

/** A kubelet has one CSR an hour, a few after restarts. A hostile one may make thousands, each approved or waiting. */
const CSRS_PER_USER = 64

/** Everything that is watched, and how each object is reduced. What stands here is what RBAC must allow. */
const csrQuery: Query<StoredCsr> = {
  name: 'csrs',
  path: CSRS_PATH,
  fieldSelector: 'spec.signerName=kubernetes.io/kubelet-serving',
  select: keepCsr,
  quota: {
    owner: ({ csr }) => csr.requester.username,
    createdAt: ({ csr }) => csr.createdAt,
    max: CSRS_PER_USER,
  },
}
/**
 * A bookmark comes 2 to 3 s after such a watch begins, if any Node has changed by then: while a fleet is busy, its Nodes
 * are known to be current within FRESH_MS. Where all is quiet there is no bookmark, and Nodes are read.
 */
const NODE_WATCH_S = 4
const nodeQuery: Query<NodeFacts> = {
  name: 'nodes',
  path: '/api/v1/nodes',
  select: selectNode,
  watchSeconds: NODE_WATCH_S,
}
const reservationQueries = {
  serviceCidrs: {
    name: 'servicecidrs',
    path: '/apis/networking.k8s.io/v1/servicecidrs',
    select: selectServiceCidr,
  },
  /** Only where the server has no ServiceCIDRs: before Kubernetes 1.33. */
  services: { name: 'services', path: '/api/v1/services', select: selectService },
  kubernetesService: {
    name: 'service-kubernetes',
    path: '/api/v1/namespaces/default/services',
    fieldSelector: 'metadata.name=kubernetes',
    select: selectService,
  },
  apiEndpoints: {
    name: 'api-endpoints',
    path: '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
    fieldSelector: 'metadata.name=kubernetes',
    select: selectApiEndpoints,
  },
  clusterInfo: {
    name: 'cluster-info',
    path: '/api/v1/namespaces/kube-public/configmaps',
    fieldSelector: 'metadata.name=cluster-info',
    select: selectClusterInfo,
  },
} as const satisfies Record<string, Query<Reservations>>

/** How often a server is looked at for having no ServiceCIDRs, so that its Services are read instead. */
const ABSENT_CHECK_MS = 250

interface ListsParts {
  readonly cluster: Cluster
  readonly log: Log
  readonly instruments: Instruments
}

type Running = Pick<Informer<never>, 'start' | 'stop' | 'state'>

/** The watched lists of one process. */
export class Lists {
  readonly csrs: Informer<StoredCsr>
  readonly nodes: Informer<NodeFacts>
  readonly serviceCidrs: Informer<Reservations>
  readonly services: Informer<Reservations>
  readonly kubernetesService: Informer<Reservations>
  readonly apiEndpoints: Informer<Reservations>
  readonly clusterInfo: Informer<Reservations>
  #absentCheck: NodeJS.Timeout | undefined

  constructor(parts: ListsParts) {
    this.csrs = new Informer({ ...parts, ...csrQuery })
    this.nodes = new Informer({ ...parts, ...nodeQuery })
    const reservations = (query: Query<Reservations>) => new Informer({ ...parts, ...query })
    this.serviceCidrs = reservations(reservationQueries.serviceCidrs)
    this.services = reservations(reservationQueries.services)
    this.kubernetesService = reservations(reservationQueries.kubernetesService)
    this.apiEndpoints = reservations(reservationQueries.apiEndpoints)
    this.clusterInfo = reservations(reservationQueries.clusterInfo)
  }

  start(): void {
    for (const list of this.#always()) list.start()
    this.#absentCheck = setInterval(() => {
      if (this.serviceCidrs.state().phase === 'absent') this.services.start()
    }, ABSENT_CHECK_MS)
  }

  async stop(): Promise<void> {
    clearInterval(this.#absentCheck)
    await Promise.all([...this.#always(), this.services].map((list) => list.stop()))
  }

  /** Whether every list that facts are drawn from has been read once. */
  synced(): boolean {
    const ranges = this.serviceCidrs.state().phase === 'absent' ? [this.services] : []
    return [...this.#always(), ...ranges].every((list) => list.state().phase !== 'syncing')
  }

  /** The lists that reservations are drawn from. */
  reservations(): readonly Informer<Reservations>[] {
    return [this.serviceCidrs, this.services, this.kubernetesService, this.apiEndpoints, this.clusterInfo]
  }

  /** What facts are drawn from. */
  sources(): Omit<Sources, 'apiServer'> {
    const { csrs, nodes, serviceCidrs, services, kubernetesService, apiEndpoints, clusterInfo } = this
    return { csrs, nodes, serviceCidrs, services, kubernetesService, apiEndpoints, clusterInfo }
  }

  #always(): readonly Running[] {
    const { csrs, nodes, serviceCidrs, kubernetesService, apiEndpoints, clusterInfo } = this
    return [csrs, nodes, serviceCidrs, kubernetesService, apiEndpoints, clusterInfo]
  }
}
