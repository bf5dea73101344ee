/** A control plane with nodes in five pools: the inventory, Machines, the DNS, cloud names, and no source. */
import type { JsonObject } from '../../server/ports.ts'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { NameServer } from '../kit/name-server.ts'
import { type Service, type ServiceOptions, startService } from '../kit/service/service.ts'
import { until } from '../kit/until.ts'
import { TestNode } from '../kit/kubelet/test-node.ts'

export const pools = ['metal', 'machine', 'named', 'cloud', 'plain'] as const
export type Pool = (typeof pools)[number]

const NAMESPACE = 'kubelet-csr-gate'
const GROUP = 'cluster.x-k8s.io'
const MACHINES = `/apis/${GROUP}/v1beta2/namespaces/${NAMESPACE}/machines`
const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`
const POLICY = `
pools:
  - {name: metal, nodes: ['metal-[0-9]+'], sources: [inventory]}
  - {name: machines, nodes: ['machine-[0-9]+'], sources: [clusterApi]}
  - {name: named, nodes: ['named-[0-9]+'], sources: [dns]}
  - {name: cloud, nodes: ['cloud-[0-9]+'], names: {patterns: ['cloud-[0-9]+']}, addresses: {prefixes: [10.64.4.0/24]}}
`

/** The index of a node is less than 256. */
const addressOf = (pool: Pool, index: number): string => `10.64.${pools.indexOf(pool) + 1}.${index}`
/** What a node of the pool `named` is called in the DNS. */
export const fqdn = ({ name }: Pick<TestNode, 'name'>): string => `${name}.nodes.example.com`
export const namesOf = (node: Pick<TestNode, 'name'>): readonly string[] =>
  node.name.startsWith('named') ? [node.name, fqdn(node)] : [node.name]

interface FivePoolsOptions extends ServiceOptions {
  readonly patienceSeconds: number
  /** The nodes that the sources know at the start. */
  readonly indexes: readonly number[]
}

export class FivePools implements AsyncDisposable {
  readonly cluster: ControlPlane
  readonly dns: NameServer
  readonly service: Service
  readonly #stack: AsyncDisposableStack

  private constructor(stack: AsyncDisposableStack, parts: Pick<FivePools, 'cluster' | 'dns' | 'service'>) {
    this.#stack = stack
    this.cluster = parts.cluster
    this.dns = parts.dns
    this.service = parts.service
  }

  static async start({ patienceSeconds, indexes, ...options }: FivePoolsOptions): Promise<FivePools> {
    await using stack = new AsyncDisposableStack()
    const cluster = stack.use(await startControlPlane())
    const dns = stack.use(new NameServer())
    const nameServer = await dns.start()
    await installMachines(cluster)
    await put(cluster, '/api/v1/namespaces', { metadata: { name: NAMESPACE } })
    const data = { 'inventory.yaml': inventoryOf(indexes) }
    await put(cluster, CONFIG_MAPS, { metadata: { name: 'inventory' }, data })
    for (const index of indexes) {
      await put(cluster, MACHINES, machine(index))
      dns.records.set(fqdn({ name: `named-${index}` }), [addressOf('named', index)])
    }
    await permit(cluster)
    const service = await startService(cluster, {
      ...options,
      webhook: false,
      policy: `patienceSeconds: ${patienceSeconds}${POLICY}`,
      drainSeconds: 0,
      config: {
        sources: {
          inventory: { configMaps: ['inventory'] },
          clusterApi: { namespace: NAMESPACE, cluster: 'prod' },
          dns: { domains: ['nodes.example.com'], servers: [nameServer] },
        },
      },
    })
    stack.use(service)
    return new FivePools(stack.move(), { cluster, dns, service })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }

  nodeOf(pool: Pool, index: number, address = addressOf(pool, index)): TestNode {
    return new TestNode(this.cluster, `${pool}-${index}`, address)
  }

  /** Their Nodes report what they ask for. */
  async join(nodes: readonly TestNode[]): Promise<void> {
    for (const node of nodes) {
      await node.join()
      await node.report({ names: namesOf(node), addresses: [node.address] })
    }
  }

  /** Replaces the inventory. */
  async writeInventory(text: string): Promise<void> {
    const data = { 'inventory.yaml': text }
    await this.cluster.adminRequest('PATCH', `${CONFIG_MAPS}/inventory`, { data })
  }

  async addMachine(index: number): Promise<void> {
    await put(this.cluster, MACHINES, machine(index))
  }
}

export function inventoryOf(known: readonly number[]): string {
  return known
    .map((index) => `- {node: metal-${index}, addresses: [${addressOf('metal', index)}]}\n`)
    .join('')
}

async function put(cluster: ControlPlane, path: string, object: JsonObject): Promise<void> {
  const { status, body } = await cluster.adminRequest('POST', path, object)
  if (status >= 300) throw new Error(`${path}: ${status} ${JSON.stringify(body['message'])}`)
}

/** Both versions, as Cluster API has them since 1.11, without its schema. */
async function installMachines(cluster: ControlPlane): Promise<void> {
  const version = (name: string, storage: boolean) => ({
    name,
    served: true,
    storage,
    schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
  })
  const names = { kind: 'Machine', listKind: 'MachineList', plural: 'machines', singular: 'machine' }
  await put(cluster, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    metadata: {
      name: `machines.${GROUP}`,
      annotations: { 'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/cluster-api' },
    },
    spec: {
      group: GROUP,
      names,
      scope: 'Namespaced',
      versions: [version('v1beta2', true), version('v1beta1', false)],
    },
  })
  await until(
    async () => (await cluster.adminRequest('GET', `/apis/${GROUP}/v1beta2/machines`)).status === 200,
  )
}

function machine(index: number) {
  return {
    apiVersion: `${GROUP}/v1beta2`,
    kind: 'Machine',
    metadata: { name: `m-${index}` },
    spec: { clusterName: 'prod', providerID: `test://${index}` },
    status: {
      nodeRef: { name: `machine-${index}` },
      initialization: { infrastructureProvisioned: true },
      addresses: [{ type: 'InternalIP', address: addressOf('machine', index) }],
    },
  }
}

/** As the chart grants it. */
async function permit(cluster: ControlPlane): Promise<void> {
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}`
  const metadata = { name: 'sources' }
  const verbs = ['list', 'watch']
  await put(cluster, `${rbac}/roles`, {
    metadata,
    rules: [
      { apiGroups: [''], resources: ['configmaps'], resourceNames: ['inventory'], verbs },
      { apiGroups: [GROUP], resources: ['machines'], verbs },
    ],
  })
  await put(cluster, `${rbac}/rolebindings`, {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'sources' },
    subjects: [{ kind: 'ServiceAccount', name: 'kubelet-csr-gate', namespace: NAMESPACE }],
  })
}
