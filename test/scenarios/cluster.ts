/** The cluster that the scenarios run on: its control plane, its Nodes, and who may ask. */
import { startControlPlane } from '../control-plane/control-plane.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { servesServiceCidrs } from '../kit/service/service-permissions.ts'
import { Kubelet } from '../kit/kubelet/kubelet.ts'
import type { JsonObject } from '../../server/ports.ts'
import { honest } from './honest.ts'
import { hostile } from './hostile.ts'
import { lying, newer, older, plainNodes } from './liars.ts'
import { node } from './scenario.ts'
import type { Honest, HostileNode } from './scenario.ts'
import { API_HOST, SERVICE_ADDRESSES } from './settings.ts'

export interface HonestNode {
  readonly shape: Honest
  readonly kubelet: Kubelet
}

export interface Setup extends AsyncDisposable {
  readonly cluster: ControlPlane
  readonly honest: readonly HonestNode[]
  /** The Nodes of thieves now report what is their victim's. */
  steal(): Promise<void>
}

const RBAC = '/apis/rbac.authorization.k8s.io/v1'

export async function setUp(): Promise<Setup> {
  const cluster = await startControlPlane({ dualStack: true })
  await using stack = new AsyncDisposableStack()
  stack.use(cluster)
  await publishClusterInfo(cluster)
  if (!servesServiceCidrs(cluster)) await createServices(cluster)
  await grantCreation(cluster)
  const olderThieves = await Promise.all(
    older.nodes.map((member) => join(cluster, member, ownReport(member))),
  )
  await Promise.all([...lying.nodes, ...plainNodes].map((member) => join(cluster, member)))
  const kubelets = await Promise.all(honest.map((shape) => joinHonest(cluster, shape)))
  const owned = stack.move()
  return {
    cluster,
    honest: kubelets,
    steal: async () => {
      await Promise.all(olderThieves.map((thief, index) => thief.report(older.nodes[index]?.reports)))
      await Promise.all(newer.nodes.map((member) => join(cluster, member)))
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Registers a Node with a kubelet's own credentials, and lets it report. */
async function join(cluster: ControlPlane, { name, reports, spec }: HostileNode, first = reports) {
  const kubelet = new Kubelet(await cluster.clientFor(node(name)), { name, addresses: reports })
  await kubelet.register(spec)
  await kubelet.report(first)
  return kubelet
}

/** A thief is honest at first: all but the last of what it will report is its own. */
function ownReport({ reports }: HostileNode) {
  return reports.slice(0, -1)
}

async function joinHonest(cluster: ControlPlane, shape: Honest): Promise<HonestNode> {
  const { name, spec, addresses, lateMs, controlPlane } = shape
  const first = lateMs === undefined ? addresses : []
  const kubelet = await join(cluster, { name, reports: addresses, ...(spec ? { spec } : {}) }, first)
  if (controlPlane) {
    const labels = { 'node-role.kubernetes.io/control-plane': '' }
    await expectOk(cluster, 'PATCH', `/api/v1/nodes/${name}`, { metadata: { labels } })
  }
  return { shape, kubelet }
}

/** As kubeadm does, for joining nodes: the endpoint of the control plane. */
async function publishClusterInfo(cluster: ControlPlane): Promise<void> {
  const clusters = [{ name: '', cluster: { server: `https://${API_HOST}:6443` } }]
  const kubeconfig = JSON.stringify({ apiVersion: 'v1', kind: 'Config', clusters })
  await cluster.adminRequest('POST', '/api/v1/namespaces', { metadata: { name: 'kube-public' } })
  await expectOk(cluster, 'POST', '/api/v1/namespaces/kube-public/configmaps', {
    metadata: { name: 'cluster-info' },
    data: { kubeconfig },
  })
}

/** Where the API has no ranges of Services, an address is reserved once a Service has it. */
async function createServices(cluster: ControlPlane): Promise<void> {
  for (const [index, clusterIP] of SERVICE_ADDRESSES.entries()) {
    const metadata = { name: `service-${index}` }
    const spec = { clusterIP, ports: [{ port: 443 }] }
    await expectOk(cluster, 'POST', '/api/v1/namespaces/default/services', { metadata, spec })
  }
}

/** Lets the requesters that are no nodes create CSRs, as a careless administrator would. */
async function grantCreation(cluster: ControlPlane): Promise<void> {
  const metadata = { name: 'csr-creators' }
  const users = new Set(hostile.filter(({ by }) => by.mayCreate).map(({ by }) => by.user))
  const apiGroup = 'rbac.authorization.k8s.io'
  await expectOk(cluster, 'POST', `${RBAC}/clusterroles`, {
    metadata,
    rules: [
      { apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests'], verbs: ['create'] },
    ],
  })
  await expectOk(cluster, 'POST', `${RBAC}/clusterrolebindings`, {
    metadata,
    subjects: [...users].map((name) => ({ apiGroup, kind: 'User', name })),
    roleRef: { apiGroup, kind: 'ClusterRole', name: metadata.name },
  })
}

async function expectOk(
  cluster: ControlPlane,
  method: string,
  path: string,
  body: JsonObject,
): Promise<void> {
  const { status, body: answer } = await cluster.adminRequest(method, path, body)
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer['message'])}`)
}
