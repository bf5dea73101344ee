/** The cluster that the scenarios run on: its control plane, its Nodes, and who may ask. */
import type { Cluster } from '../kit/cluster.ts'
import { servesServiceCidrs } from '../kit/service/service-permissions.ts'
import { Kubelet } from '../kit/kubelet/kubelet.ts'
import { Machines } from '../kit/kubelet/machines.ts'
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

/** Where the scenarios run: a cluster, and the machines of its Nodes. */
interface Place {
  readonly cluster: Cluster
  readonly machines: Machines
}

export interface Setup extends AsyncDisposable, Place {
  readonly honest: readonly HonestNode[]
  /** The Nodes of thieves now report what is their victim's. */
  steal(): Promise<void>
}

export async function setUp(cluster: Cluster): Promise<Setup> {
  await using stack = new AsyncDisposableStack()
  const machines = stack.use(new Machines(cluster.directory))
  const place = { cluster, machines }
  await publishClusterInfo(cluster)
  if (!servesServiceCidrs(cluster)) await createServices(cluster)
  const creators = hostile.filter(({ by }) => by.mayCreate).map(({ by }) => by.user)
  await cluster.grantCsrCreation([...new Set(creators)])
  const olderThieves = await Promise.all(
    older.nodes.map((member) => joinHostile(place, member, ownReport(member))),
  )
  await Promise.all([...lying.nodes, ...plainNodes].map((member) => joinHostile(place, member)))
  const kubelets = await Promise.all(honest.map((shape) => joinHonest(place, shape)))
  const owned = stack.move()
  return {
    ...place,
    honest: kubelets,
    steal: async () => {
      await Promise.all(olderThieves.map((thief, index) => thief.report(older.nodes[index]?.reports)))
      await Promise.all(newer.nodes.map((member) => joinHostile(place, member)))
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Registers a Node with a kubelet's own credentials, and lets it report. */
async function joinHostile({ cluster, machines }: Place, member: HostileNode, first = member.reports) {
  const { name, reports, spec, has } = member
  await machines.start(has)
  const kubelet = new Kubelet(await cluster.clientFor(node(name)), { name, addresses: reports })
  await kubelet.register(spec)
  await kubelet.report(first)
  return kubelet
}

/** A thief is honest at first: all but the last of what it will report is its own. */
function ownReport({ reports }: HostileNode) {
  return reports.slice(0, -1)
}

async function joinHonest({ cluster, machines }: Place, shape: Honest): Promise<HonestNode> {
  const { name, spec, addresses, lateMs, controlPlane } = shape
  const machine = await machines.start(addresses)
  const kubelet = new Kubelet(await cluster.clientFor(node(name)), {
    ...shape,
    serve: async (pair) => await machine.serve(pair),
  })
  await kubelet.register(spec)
  await kubelet.report(lateMs === undefined ? addresses : [])
  if (controlPlane) {
    const labels = { 'node-role.kubernetes.io/control-plane': '' }
    await expectOk(cluster, 'PATCH', `/api/v1/nodes/${name}`, { metadata: { labels } })
  }
  return { shape, kubelet }
}

/** As kubeadm does, for joining nodes: the endpoint of the control plane. */
async function publishClusterInfo(cluster: Cluster): Promise<void> {
  const clusters = [{ name: '', cluster: { server: `https://${API_HOST}:6443` } }]
  const kubeconfig = JSON.stringify({ apiVersion: 'v1', kind: 'Config', clusters })
  await cluster.adminRequest('POST', '/api/v1/namespaces', { metadata: { name: 'kube-public' } })
  await expectOk(cluster, 'POST', '/api/v1/namespaces/kube-public/configmaps', {
    metadata: { name: 'cluster-info' },
    data: { kubeconfig },
  })
}

/** Where the API has no ranges of Services, an address is reserved once a Service has it. */
async function createServices(cluster: Cluster): Promise<void> {
  for (const [index, clusterIP] of SERVICE_ADDRESSES.entries()) {
    const metadata = { name: `service-${index}` }
    const spec = { clusterIP, ports: [{ port: 443 }] }
    await expectOk(cluster, 'POST', '/api/v1/namespaces/default/services', { metadata, spec })
  }
}

async function expectOk(cluster: Cluster, method: string, path: string, body: JsonObject): Promise<void> {
  const { status, body: answer } = await cluster.adminRequest(method, path, body)
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer['message'])}`)
}
