import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../config.ts'
import { Informer, type Query } from '../kube/informer.ts'
import type { Cluster } from '../kube/transport.ts'
import type { Recorder, Resolver, Log, Truth } from '../ports.ts'
import { DnsSource } from './dns-source.ts'
import { InventorySource, selectInventory } from './inventory.ts'
import {
  type MachineFacts,
  MachinesSource,
  selectClusterMachine,
  selectOpenShiftMachine,
} from './machines.ts'
import { createTruth, type Source } from './source.ts'

export interface SourcesOfTruth extends Truth {
  /** Calls `listener` after each change of what a watched source says. */
  subscribe(listener: () => void): void
  start(): void
  stop(): Promise<void>
}

interface SourcesDependencies {
  readonly config: Pick<Config, 'namespace' | 'sources'>
  readonly cluster: Cluster
  /** Where the Machines are, null for `cluster`. */
  readonly managementCluster: Cluster | null
  readonly resolver: Resolver
  readonly log: Log
  readonly recorder: Recorder & { inventoryReloaded(ok: boolean): void }
}

interface Watched {
  readonly source: Source
  readonly start: () => void
  readonly informers: readonly Pick<Informer<unknown>, 'stop'>[]
}

/** The sources of truth that are configured. A source that is not there makes its answer unknown, and nothing else. */
export function createSources(dependencies: SourcesDependencies): SourcesOfTruth {
  const listeners: (() => void)[] = []
  const changed = (): void => {
    for (const listener of listeners) listener()
  }
  const watched = [...watchInventory(dependencies, changed), ...watchMachines(dependencies, changed)]
  const truth = createTruth([...watched.map(({ source }) => source), ...dnsSources(dependencies)])
  return {
    ...truth,
    subscribe: (listener) => void listeners.push(listener),
    start() {
      for (const { start } of watched) start()
    },
    async stop() {
      await Promise.all(watched.flatMap(({ informers }) => informers.map((informer) => informer.stop())))
      await dependencies.managementCluster?.close()
    },
  }
}

function watchInventory(
  { config, cluster, log, recorder }: SourcesDependencies,
  onChange: () => void,
): Watched[] {
  const { namespace, sources } = config
  const { configMaps } = sources.inventory
  if (configMaps.length === 0) return []
  const informers = configMaps.map(
    (name, index) =>
      new Informer({
        cluster,
        log,
        recorder,
        name: `inventory-${index}`,
        title: `the ConfigMap ${namespace}/${name}`,
        path: `/api/v1/namespaces/${namespace}/configmaps`,
        fieldSelector: `metadata.name=${name}`,
        select: selectInventory(name),
      }),
  )
  const source = new InventorySource({ stores: informers, log, recorder, onChange })
  return [{ source, informers, start: () => informers.forEach((informer) => informer.start()) }]
}

const CLUSTER_API = '/apis/cluster.x-k8s.io'

function watchMachines(dependencies: SourcesDependencies, onChange: () => void): Watched[] {
  const { cluster, namespace, openshiftNamespace } = dependencies.config.sources.clusterApi
  if (openshiftNamespace !== '') {
    const path = `/apis/machine.openshift.io/v1beta1/namespaces/${openshiftNamespace}/machines`
    const informer = machinesInformer(
      dependencies,
      { name: 'machines', path, select: selectOpenShiftMachine },
      onChange,
    )
    return [machinesFrom([informer], () => informer)]
  }
  if (cluster === '') return []
  const under = `namespaces/${namespace}/machines`
  const select = selectClusterMachine(cluster)
  const older = machinesInformer(
    dependencies,
    { name: 'machines-v1beta1', path: `${CLUSTER_API}/v1beta1/${under}`, select },
    onChange,
  )
  const newer = machinesInformer(
    dependencies,
    {
      name: 'machines-v1beta2',
      path: `${CLUSTER_API}/v1beta2/${under}`,
      select,
      discovery: { path: CLUSTER_API, version: 'v1beta2' },
      onAbsent: () => older.start(),
    },
    onChange,
  )
  return [machinesFrom([newer, older], () => (newer.state().phase === 'absent' ? older : newer))]
}

function machinesFrom(
  informers: readonly [Informer<MachineFacts>, ...Informer<MachineFacts>[]],
  store: () => Informer<MachineFacts>,
): Watched {
  const source = new MachinesSource({ stores: informers, store })
  return { source, informers, start: () => informers[0].start() }
}

function machinesInformer(
  { cluster, managementCluster, log, recorder }: SourcesDependencies,
  query: Omit<Query<MachineFacts>, 'title'>,
  onChange: () => void,
): Informer<MachineFacts> {
  const where = managementCluster ?? cluster
  const informer = new Informer({ ...query, title: 'Machines', cluster: where, log, recorder })
  informer.subscribe(({ before, after }) => {
    if (!isDeepStrictEqual(before, after)) onChange()
  })
  return informer
}

function dnsSources({ config, resolver }: SourcesDependencies): Source[] {
  const { domains } = config.sources.dns
  return domains.length === 0 ? [] : [new DnsSource({ domains, resolver })]
}
