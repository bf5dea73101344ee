import type { NodeFacts } from '../policies/types.ts'
import { selectNode } from './facts/nodes.ts'
import {
  type Reservations,
  selectApiEndpoints,
  selectClusterInfo,
  selectService,
  selectServiceCidr,
} from './facts/reservations.ts'
import type { Sources } from './facts/sources.ts'
import { CSRS_PATH, keepCsr, type StoredCsr } from './facts/stored-csr.ts'
import { Informer, type InformerOptions } from './kube/informer.ts'
import type { Cluster } from './kube/transport.ts'
import type { Instruments, Log } from './ports.ts'

type Query<T> = Omit<InformerOptions<T>, 'cluster' | 'log' | 'instruments' | 'times'>

/** A kubelet has one CSR an hour, a few after restarts. A hostile node may create thousands, approved or pending. */
const CSRS_PER_USER = 64
const csrQuery: Query<StoredCsr> = {
  name: 'csrs',
  title: 'CSRs',
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
 * Keeps Node watches short, so that the server sends a bookmark 2 to 3 s after each begins, if any Node has changed by
 * then. In a busy cluster, Nodes are therefore known to be current within FRESH_MS. In a quiet cluster there is no
 * bookmark, and each Node is read when it is needed.
 */
const NODE_WATCH_S = 4
const nodeQuery: Query<NodeFacts> = {
  name: 'nodes',
  title: 'Nodes',
  path: '/api/v1/nodes',
  select: selectNode,
  watchSeconds: NODE_WATCH_S,
}

const serviceCidrQuery: Query<Reservations> = {
  name: 'servicecidrs',
  title: 'Service ranges',
  path: '/apis/networking.k8s.io/v1/servicecidrs',
  select: selectServiceCidr,
}

/** Used only if the server does not serve ServiceCIDRs (before Kubernetes 1.33). */
const serviceQuery: Query<Reservations> = {
  name: 'services',
  title: 'Services',
  path: '/api/v1/services',
  select: selectService,
}

const otherQueries: readonly Query<Reservations>[] = [
  {
    name: 'service-kubernetes',
    title: 'the Service default/kubernetes',
    path: '/api/v1/namespaces/default/services',
    fieldSelector: 'metadata.name=kubernetes',
    select: selectService,
  },
  {
    name: 'api-endpoints',
    title: "the API server's endpoints",
    path: '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
    fieldSelector: 'metadata.name=kubernetes',
    select: selectApiEndpoints,
  },
  {
    name: 'cluster-info',
    title: 'kube-public/cluster-info',
    path: '/api/v1/namespaces/kube-public/configmaps',
    fieldSelector: 'metadata.name=cluster-info',
    select: selectClusterInfo,
  },
]

/** All resources that a process lists and watches. RBAC must allow each of them. */
export interface Lists extends Omit<Sources, 'apiServer'> {
  readonly csrs: Informer<StoredCsr>
  /** Whether every list that facts come from has been read once. */
  synced(): boolean
  /** Calls `listener` after each change to the reserved names and addresses. */
  onReservations(listener: () => void): void
  start(): void
  stop(): Promise<void>
}

interface ListsParts {
  readonly cluster: Cluster
  readonly log: Log
  readonly instruments: Instruments
}

export function createLists(parts: ListsParts): Lists {
  const informer = <T>(query: Query<T>) => new Informer<T>({ ...parts, ...query })
  const csrs = informer(csrQuery)
  const nodes = informer(nodeQuery)
  const services = informer(serviceQuery)
  const serviceCidrs = informer({ ...serviceCidrQuery, onAbsent: () => services.start() })
  const others = otherQueries.map((query) => informer(query))
  const reservations = () => [serviceCidrs.state().phase === 'absent' ? services : serviceCidrs, ...others]
  const always = [csrs, nodes, serviceCidrs, ...others]
  return {
    csrs,
    nodes,
    reservations,
    synced: () => [...always, ...reservations()].every((list) => list.state().phase !== 'syncing'),
    onReservations(listener) {
      for (const list of [serviceCidrs, services, ...others]) list.subscribe(listener)
    },
    start() {
      for (const list of always) list.start()
    },
    async stop() {
      await Promise.all([...always, services].map((list) => list.stop()))
    },
  }
}
