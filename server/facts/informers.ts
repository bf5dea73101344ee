import { isDeepStrictEqual } from 'node:util'
import type { NodeFacts } from '../../policies/types.ts'
import { Informer, type Query } from '../kube/informer.ts'
import type { Cluster } from '../kube/transport.ts'
import type { CompareIssued, Recorder, Log } from '../ports.ts'
import { NODES_MAX_AGE_MS } from './freshness.ts'
import { selectNode } from './nodes.ts'
import {
  type Reservations,
  selectApiEndpoints,
  selectClusterInfo,
  selectService,
  selectServiceCidr,
} from './reservations.ts'
import { bytesOf, CSRS_PATH, keepCsr, outlineOf, type ReadUnverified, type StoredCsr } from './stored-csr.ts'

/** A kubelet has one CSR an hour, a few after restarts. A hostile node may create thousands. */
const CSRS_PER_USER = 64
/** Seven pending CSRs of a stock kubelet, or one of the largest that is worth keeping. */
const BYTES_PER_USER = 16 * 1_024
/** 7,000 pending CSRs of stock kubelets, or the shares of 1,024 hostile users: a sixth of the heap that the image has. */
const CSR_BYTES = 16 * 1_048_576
export const csrQuery: Omit<Query<StoredCsr>, 'select'> = {
  name: 'csrs',
  title: 'CSRs',
  path: CSRS_PATH,
  fieldSelector: 'spec.signerName=kubernetes.io/kubelet-serving',
  quota: {
    // Apart, so that pending CSRs without end do not displace what is known of approvals.
    owner: ({ username, pending }) => (pending === null ? `approved ${username}` : username),
    createdAt: ({ createdAt }) => createdAt,
    max: CSRS_PER_USER,
    bytes: bytesOf,
    outline: outlineOf,
    ownerMaxBytes: BYTES_PER_USER,
    maxBytes: CSR_BYTES,
  },
}

export const nodeQuery: Query<NodeFacts> = {
  name: 'nodes',
  title: 'Nodes',
  path: '/api/v1/nodes',
  maxAgeMs: NODES_MAX_AGE_MS,
  select: selectNode,
}

const serviceCidrQuery: Query<Reservations> = {
  name: 'servicecidrs',
  title: 'Service ranges',
  path: '/apis/networking.k8s.io/v1/servicecidrs',
  discovery: { path: '/apis/networking.k8s.io/v1', resource: 'servicecidrs' },
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

/** What a process lists and watches to decide. RBAC must allow each of them. */
export interface Informers {
  readonly csrs: Informer<StoredCsr>
  readonly nodes: Informer<NodeFacts>
  /** Those that hold reserved names, addresses and ranges, as the server has them now. */
  readonly reservations: () => readonly Informer<Reservations>[]
  /** The one of them that holds the ranges of Services, or the Services. */
  readonly serviceAddresses: () => Informer<Reservations>
  /** Whether every list that facts come from has been read once. */
  synced(): boolean
  /** Whether each of them has been read once, or could not be. */
  tried(): boolean
  /** Whether all of them are being followed now: a replica that cannot do that must not lead. */
  followed(): boolean
  /** Calls `listener` after each change of what the cluster reserves. */
  onReservations(listener: () => void): void
  start(): void
  stop(): Promise<void>
}

interface InformersDependencies {
  readonly cluster: Cluster
  readonly log: Log
  readonly recorder: Recorder
  /** Reads the request of an approved CSR, for the names and addresses in it. */
  readonly read: ReadUnverified
  /** Compares an issued certificate with the approved request. */
  readonly compareIssued: CompareIssued
}

export function createInformers(dependencies: InformersDependencies): Informers {
  const { cluster, log, recorder, read, compareIssued } = dependencies
  const informer = <T>(query: Query<T>) => new Informer<T>({ ...query, cluster, log, recorder })
  const csrs = informer({ ...csrQuery, select: keepCsr(read, compareIssued) })
  const nodes = informer(nodeQuery)
  const services = informer(serviceQuery)
  const serviceCidrs = informer({ ...serviceCidrQuery, onAbsent: () => services.start() })
  const others = otherQueries.map((query) => informer(query))
  const serviceAddresses = () => (serviceCidrs.state().phase === 'absent' ? services : serviceCidrs)
  const always = [csrs, nodes, serviceCidrs, ...others]
  const needed = () => [...always, serviceAddresses()]
  return {
    csrs,
    nodes,
    reservations: () => [serviceAddresses(), ...others],
    serviceAddresses,
    synced: () => needed().every((list) => list.state().phase !== 'syncing'),
    tried: () => needed().every((list) => list.isTried()),
    followed: () =>
      needed().every((list) => list.state().phase !== 'syncing' && list.state().problem === null),
    onReservations(listener) {
      for (const list of [serviceCidrs, services, ...others]) {
        list.subscribe(({ before, after }) => {
          if (!isDeepStrictEqual(before, after)) listener()
        })
      }
    },
    start() {
      for (const list of always) list.start()
    },
    async stop() {
      await Promise.all([...always, services].map((list) => list.stop()))
    },
  }
}
