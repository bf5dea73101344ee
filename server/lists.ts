import { isDeepStrictEqual } from 'node:util'
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
import {
  bytesOf,
  CSRS_PATH,
  keepCsr,
  outlineOf,
  type ReadUnverified,
  type StoredCsr,
} from './facts/stored-csr.ts'
import { Informer, type InformerOptions } from './kube/informer.ts'
import type { Cluster } from './kube/transport.ts'
import { configMapsPath, LEDGER_SELECTOR, type LedgerPlace, selectShard, type Shard } from './ledger/shard.ts'
import type { Examine, Recorder, Log, Store } from './ports.ts'

type Query<T> = Omit<InformerOptions<T>, 'cluster' | 'log' | 'recorder' | 'times'>

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

const nodeQuery: Query<NodeFacts> = {
  name: 'nodes',
  title: 'Nodes',
  path: '/api/v1/nodes',
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

function shardQuery(place: LedgerPlace): Query<Shard> {
  return {
    name: 'ledger',
    title: 'the ledger',
    path: configMapsPath(place),
    labelSelector: LEDGER_SELECTOR,
    select: selectShard(place),
  }
}

/** All resources that a process lists and watches. RBAC must allow each of them. */
export interface Lists extends Omit<Sources, 'apiServer' | 'ledger' | 'prober' | 'now'> {
  readonly csrs: Informer<StoredCsr>
  /** The ConfigMaps of the ledger, null where there are none. What is decided without them is no less current. */
  readonly shards: Informer<Shard> | null
  /** Whether every list that facts come from has been read once. */
  synced(): boolean
  /** Whether each of them and the ledger has been read once, or could not be. */
  tried(): boolean
  /** Whether all of them are being followed now: a replica that cannot do that must not lead. */
  followed(): boolean
  /** Calls `listener` after each change of what the cluster reserves. */
  onReservations(listener: () => void): void
  start(): void
  stop(): Promise<void>
}

interface ListsParts {
  readonly cluster: Cluster
  readonly log: Log
  readonly recorder: Recorder
  /** Reads the request of an approved CSR, for the names and addresses in it. */
  readonly read: ReadUnverified
  /** Where the ledger is kept, null if in memory only. */
  readonly ledger: LedgerPlace | null
  /** Compares an issued certificate with the approved request. */
  readonly examine: Examine
}

export function createLists({ read, examine, ledger, ...parts }: ListsParts): Lists {
  const informer = <T>(query: Query<T>) => new Informer<T>({ ...parts, ...query })
  const csrs = informer({ ...csrQuery, select: keepCsr(read, examine) })
  const nodes = informer(nodeQuery)
  const services = informer(serviceQuery)
  const serviceCidrs = informer({ ...serviceCidrQuery, onAbsent: () => services.start() })
  const shards = ledger === null ? null : informer(shardQuery(ledger))
  const others = otherQueries.map((query) => informer(query))
  const serviceAddresses = () => (serviceCidrs.state().phase === 'absent' ? services : serviceCidrs)
  const reservations = () => [serviceAddresses(), ...others]
  const always = [csrs, nodes, serviceCidrs, ...others]
  const needed = () => [...always, ...reservations()]
  return {
    csrs,
    nodes,
    shards,
    reservations,
    serviceAddresses,
    synced: () => needed().every((list) => list.state().phase !== 'syncing'),
    tried: () => [...needed(), ...(shards === null ? [] : [shards])].every(isTried),
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
      shards?.start()
    },
    async stop() {
      await Promise.all([...always, services].map((list) => list.stop()))
      await shards?.stop()
    },
  }
}

function isTried(list: Pick<Store<unknown>, 'state'>): boolean {
  const { phase, problem } = list.state()
  return phase !== 'syncing' || problem !== null
}
