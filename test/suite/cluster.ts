/** The cluster of the suite: its control plane, its Nodes, and who may ask. */
import type { JsonObject } from '../../server/ports.ts'
import type { Cluster } from '../kit/cluster.ts'
import { Kubelet, type KubeletOptions } from '../kit/kubelet/kubelet.ts'
import { Machines } from '../kit/kubelet/machines.ts'
import { servesServiceCidrs } from '../kit/service/service-permissions.ts'
import type { Case, SuiteNode } from './schema.ts'
import { cases, clusterFile, honestCases } from './suite.ts'

/** A node that must get what it asks for. */
export interface HonestNode {
  readonly one: Case
  readonly node: SuiteNode
  readonly kubelet: Kubelet
}

/** What the suite needs of a cluster. */
export type SuiteCluster = Pick<
  Cluster,
  | 'url'
  | 'minor'
  | 'caPem'
  | 'directory'
  | 'issue'
  | 'admin'
  | 'adminRequest'
  | 'clientFor'
  | 'impersonate'
  | 'grantCsrCreation'
  | 'createServiceAccountKubeconfig'
>

/** Where the cases are asked: a cluster, and the machines of its Nodes. */
interface Place<C extends SuiteCluster = SuiteCluster> {
  readonly cluster: C
  readonly machines: Machines
}

export interface Setup<C extends SuiteCluster = SuiteCluster> extends AsyncDisposable, Place<C> {
  readonly honest: readonly HonestNode[]
  /** Every honest node has its certificate: some of the others now report what is not theirs. */
  honestAreServed(): Promise<void>
}

export async function setUp<C extends SuiteCluster>(cluster: C): Promise<Setup<C>> {
  await using stack = new AsyncDisposableStack()
  const machines = stack.use(new Machines(cluster.directory))
  const place = { cluster, machines }
  await publishClusterInfo(cluster)
  if (!servesServiceCidrs(cluster)) await createServices(cluster)
  const creators = cases.flatMap(({ requester }) => (requester?.mayCreate ? [requester.user] : []))
  await cluster.grantCsrCreation([...new Set(creators)])
  const honestNames = new Set(honestCases.map(({ node }) => node))
  const others = clusterFile.nodes.filter(({ name }) => !honestNames.has(name))
  const [early, late] = [others.filter(({ joins }) => !joins), others.filter(({ joins }) => joins)]
  const joined = await Promise.all(
    early.map(async (node) => ({ node, kubelet: await joinNode(place, node) })),
  )
  const honest = await Promise.all(honestCases.map(async (one) => await joinHonest(place, one)))
  const owned = stack.move()
  return {
    ...place,
    honest,
    honestAreServed: async () => {
      const changed = joined.filter(({ node }) => node.reportsFirst)
      await Promise.all(changed.map(async ({ node, kubelet }) => await kubelet.report(node.reports)))
      await Promise.all(late.map(async (node) => await joinNode(place, node)))
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function joinHonest(place: Place, one: Case): Promise<HonestNode> {
  const node = clusterFile.nodes.find(({ name }) => name === one.node)
  if (node === undefined) throw new Error(`${one.id}: the cluster has no node ${one.node}`)
  const { request, csr } = one
  const kubelet = await joinNode(place, node, {
    ...(request?.key !== undefined && { key: request.key }),
    ...(csr?.usages?.includes('key encipherment') && { keyEncipherment: true }),
  })
  return { one, node, kubelet }
}

/** Registers a Node with a kubelet's own credentials, and lets it report. */
async function joinNode(
  { cluster, machines }: Place,
  node: SuiteNode,
  asking: Pick<KubeletOptions, 'key' | 'keyEncipherment'> = {},
): Promise<Kubelet> {
  const { name, reports, reportsFirst = reports, reportsAfterMs } = node
  const machine = await machines.start(node.answersAt ?? reports.map(({ address }) => address))
  const person = { user: `system:node:${name}`, groups: ['system:nodes'] }
  const kubelet = new Kubelet(await cluster.clientFor(person), {
    name,
    addresses: reports,
    ...asking,
    serve: async (pair) => await machine.serve(pair),
  })
  await kubelet.register(node.spec)
  await kubelet.report(reportsAfterMs === undefined ? reportsFirst : [])
  if (node.controlPlane) {
    const labels = { 'node-role.kubernetes.io/control-plane': '' }
    await expectOk(cluster, 'PATCH', `/api/v1/nodes/${name}`, { metadata: { labels } })
  }
  return kubelet
}

/** As kubeadm does, for joining nodes: the endpoint of the control plane. */
async function publishClusterInfo(cluster: SuiteCluster): Promise<void> {
  const clusters = [{ name: '', cluster: { server: `https://${clusterFile.apiServer.endpoint}:6443` } }]
  const kubeconfig = JSON.stringify({ apiVersion: 'v1', kind: 'Config', clusters })
  await cluster.adminRequest('POST', '/api/v1/namespaces', { metadata: { name: 'kube-public' } })
  const path = '/api/v1/namespaces/kube-public/configmaps'
  const { status } = await cluster.adminRequest('PATCH', `${path}/cluster-info`, { data: { kubeconfig } })
  if (status === 200) return
  await expectOk(cluster, 'POST', path, { metadata: { name: 'cluster-info' }, data: { kubeconfig } })
}

/** Where the API has no ranges of Services, an address is reserved once a Service has it. */
async function createServices(cluster: SuiteCluster): Promise<void> {
  for (const [index, clusterIP] of clusterFile.serviceAddresses.entries()) {
    const metadata = { name: `service-${index}` }
    const spec = { clusterIP, ports: [{ port: 443 }] }
    await expectOk(cluster, 'POST', '/api/v1/namespaces/default/services', { metadata, spec })
  }
}

async function expectOk(
  cluster: SuiteCluster,
  method: string,
  path: string,
  body: JsonObject,
): Promise<void> {
  const { status, body: answer } = await cluster.adminRequest(method, path, body)
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer['message'])}`)
}
