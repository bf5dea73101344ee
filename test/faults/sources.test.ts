/** Pools with a source of truth each, on a real API server, with nodes that lie and a DNS server that is down. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { type DnsServer, startDnsServer } from '../kit/dns-server.ts'
import { type Service, startService } from '../kit/service/service.ts'
import { until } from '../kit/until.ts'
import type { JsonObject } from '../../server/ports.ts'
import { standing, TestNode, untilAll } from './node.ts'

const EACH = 8
const NAMESPACE = 'kubelet-csr-gate'
const PATIENCE_MS = 8_000
const POLICY = `
patienceSeconds: ${PATIENCE_MS / 1_000}
pools:
  - {name: metal, nodes: ['metal-[0-9]+'], sources: [inventory]}
  - {name: machines, nodes: ['machine-[0-9]+'], sources: [clusterApi]}
  - {name: named, nodes: ['named-[0-9]+'], sources: [dns]}
  - {name: cloud, nodes: ['cloud-[0-9]+'], names: {patterns: ['cloud-[0-9]+']}, addresses: {prefixes: [10.0.4.0/24]}}
`
const pools = ['metal', 'machine', 'named', 'cloud', 'plain'] as const
type Pool = (typeof pools)[number]

const stack = new AsyncDisposableStack()
let cluster: ControlPlane
let dns: DnsServer
let service: Service

const addressOf = (pool: Pool, index: number) => `10.0.${pools.indexOf(pool) + 1}.${index + 1}`
const indexes = Array.from({ length: EACH }, (_, index) => index)
const nodesOf = (pool: Pool) =>
  indexes.map((index) => new TestNode(cluster, `${pool}-${index}`, addressOf(pool, index)))
const fqdn = (node: TestNode) => `${node.name}.nodes.example.com`

before(async () => {
  cluster = stack.use(await startControlPlane())
  dns = stack.use(await startDnsServer())
  await installMachines()
  await put('/api/v1/namespaces', { metadata: { name: NAMESPACE } })
  await put(`/api/v1/namespaces/${NAMESPACE}/configmaps`, configMap(inventory(indexes)))
  for (const index of indexes) await put(MACHINES, machine(index))
  for (const index of indexes)
    dns.records.set(`named-${index}.nodes.example.com`, [addressOf('named', index)])
  await permit()
  service = stack.use(
    await startService(cluster, {
      webhook: false,
      policy: POLICY,
      drainSeconds: 0,
      environment: {
        KUBELET_CSR_GATE_INVENTORY: `${NAMESPACE}/inventory`,
        KUBELET_CSR_GATE_CLUSTER_API: `${NAMESPACE}/prod`,
        KUBELET_CSR_GATE_DNS_DOMAINS: 'nodes.example.com',
        KUBELET_CSR_GATE_DNS_SERVERS: dns.address,
      },
    }),
  )
})
after(async () => await stack.disposeAsync())

async function put(path: string, object: JsonObject): Promise<void> {
  const { status, body } = await cluster.adminRequest('POST', path, object)
  if (status >= 300) throw new Error(`${path}: ${status} ${JSON.stringify(body['message'])}`)
}

function inventory(known: readonly number[]): string {
  return known
    .map((index) => `- {node: metal-${index}, addresses: [${addressOf('metal', index)}]}\n`)
    .join('')
}

function configMap(text: string) {
  return { metadata: { name: 'inventory' }, data: { 'inventory.yaml': text } }
}

const GROUP = 'cluster.x-k8s.io'
const MACHINES = `/apis/${GROUP}/v1beta2/namespaces/${NAMESPACE}/machines`

/** Both versions, as Cluster API has them since 1.11, without its schema. */
async function installMachines(): Promise<void> {
  const version = (name: string, storage: boolean) => ({
    name,
    served: true,
    storage,
    schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
  })
  const names = { kind: 'Machine', listKind: 'MachineList', plural: 'machines', singular: 'machine' }
  await put('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
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
async function permit(): Promise<void> {
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}`
  const metadata = { name: 'sources' }
  const verbs = ['list', 'watch']
  await put(`${rbac}/roles`, {
    metadata,
    rules: [
      { apiGroups: [''], resources: ['configmaps'], resourceNames: ['inventory'], verbs },
      { apiGroups: [GROUP], resources: ['machines'], verbs },
    ],
  })
  await put(`${rbac}/rolebindings`, {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'sources' },
    subjects: [{ kind: 'ServiceAccount', name: 'kubelet-csr-gate', namespace: NAMESPACE }],
  })
}

async function join(nodes: readonly TestNode[], names: (node: TestNode) => readonly string[] = () => []) {
  for (const node of nodes) {
    await node.join()
    const reported = names(node).map((address) => ({ type: 'InternalDNS', address }))
    const addresses = [
      { type: 'Hostname', address: node.name },
      { type: 'InternalIP', address: node.address },
      ...reported,
    ]
    await cluster.adminRequest('PATCH', `/api/v1/nodes/${node.name}/status`, { status: { addresses } })
  }
}

test('nodes in five pools are approved, each by its own source, while nodes that no source vouches for are not', async (t) => {
  const honest = pools.map((pool) => nodesOf(pool))
  const liars = (['metal', 'machine', 'named'] as const).map(
    (pool, index) => new TestNode(cluster, `${pool}-9${index}`, `10.0.9.${index + 1}`),
  )
  for (const nodes of [...honest, liars])
    await join(nodes, (node) => (node.name.startsWith('named') ? [fqdn(node)] : []))
  const names = (node: TestNode) => (node.name.startsWith('named') ? [node.name, fqdn(node)] : [node.name])
  const lies = await Promise.all(liars.map((node) => node.ask({ dnsNames: names(node) })))
  const asked = await Promise.all(honest.flat().map((node) => node.ask({ dnsNames: names(node) })))
  const ms = await untilAll(cluster, asked, ({ approved }) => approved, 30_000)
  t.diagnostic(`${asked.length} nodes in ${Math.round(ms)} ms`)
  await untilAll(cluster, lies, ({ denied }) => denied, PATIENCE_MS * 3)
  const reasons = await Promise.all(lies.map(async (csr) => (await standing(cluster, csr)).reason))
  assert.deepEqual(reasons, ['AddressNotVouched', 'AddressNotVouched', 'NameNotVouched'])
  const { message } = await standing(cluster, lies[0] ?? '')
  assert.equal(
    message,
    'AddressNotVouched: no source of the policy vouches that 10.0.9.1 is of Node metal-90. inventory: no line is for metal-90',
  )
})

test('a node waits for its line in the inventory and for its Machine, and is approved when they come', async (t) => {
  const metal = new TestNode(cluster, 'metal-50', '10.0.1.50')
  const late = new TestNode(cluster, 'machine-50', '10.0.2.50')
  await join([metal, late])
  const csrs = [await metal.ask(), await late.ask()]
  await sleep(1_500)
  for (const csr of csrs) assert.equal((await standing(cluster, csr)).approved, false)
  const text = `${inventory(indexes)}- {node: metal-50, addresses: [10.0.1.50]}\n`
  await cluster.adminRequest('PATCH', `/api/v1/namespaces/${NAMESPACE}/configmaps/inventory`, {
    data: { 'inventory.yaml': text },
  })
  await put(MACHINES, {
    ...machine(49),
    metadata: { name: 'm-50' },
    status: { ...machine(49).status, nodeRef: { name: 'machine-50' } },
  })
  const ms = await untilAll(cluster, csrs, ({ approved }) => approved, 6_000)
  t.diagnostic(`${Math.round(ms)} ms after the change`)
})

test('while the DNS is silent its nodes wait and none is denied, the others are served, and all are when it is back', async (t) => {
  dns.silent = true
  const named = indexes.map((index) => new TestNode(cluster, `named-${index + 20}`, `10.0.3.${index + 21}`))
  for (const node of named) dns.records.set(fqdn(node), [node.address])
  const plain = indexes.map((index) => new TestNode(cluster, `plain-${index + 20}`, `10.0.5.${index + 21}`))
  await join(named, (node) => [fqdn(node)])
  await join(plain)
  const waiting = await Promise.all(named.map((node) => node.ask({ dnsNames: [node.name, fqdn(node)] })))
  const others = await Promise.all(plain.map((node) => node.ask()))
  await untilAll(cluster, others, ({ approved }) => approved, 10_000)
  await sleep(PATIENCE_MS * 1.5)
  for (const csr of waiting) {
    const { approved, denied } = await standing(cluster, csr)
    assert.deepEqual({ approved, denied }, { approved: false, denied: false })
  }
  dns.silent = false
  const ms = await untilAll(cluster, waiting, ({ approved }) => approved, 30_000)
  t.diagnostic(`${Math.round(ms)} ms after its return, ${dns.queries} queries in all`)
})

test('an inventory with faults leaves the last valid one in force', async () => {
  await cluster.adminRequest('PATCH', `/api/v1/namespaces/${NAMESPACE}/configmaps/inventory`, {
    data: { 'inventory.yaml': '- {node: metal-0, addresses: [10.0.1.999]}\n' },
  })
  const told = async () =>
    (await service.tail()).includes('the inventory has faults: the last valid inventory')
  await until(told, 'the log tells of the faults')
  const [node] = nodesOf('metal')
  assert.ok(node !== undefined)
  await untilAll(cluster, [await node.ask()], ({ approved }) => approved, 15_000)
})
