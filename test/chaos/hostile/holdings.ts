/** What the attacker holds of a control plane: nodes, a bootstrap token, an operator's certificate. */
import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { CSRS } from '../../kit/kubelet/csr.ts'
import type { JsonObject } from '../../../server/ports.ts'
import { createFleet } from '../../lab/bench/fleet.ts'
import { HOSTILE_LABEL } from './attack/requester.ts'
import type { HostileNode, Targets } from './input.ts'
import { TestNode } from '../../kit/kubelet/test-node.ts'

const RBAC = '/apis/rbac.authorization.k8s.io/v1'
const OPERATOR = 'careless-operator'
const TOKEN = { id: 'abcdef', secret: '0123456789abcdef' }
/** As many users as one row needs. */
const HOSTILE_NODES = 20
/** Nodes of 14 KB that are only there. */
const OTHERS = 100

export type Holdings = Omit<Targets, 'webhookPort' | 'probePorts'>

/** Gives the attacker its Nodes, a bootstrap token and an operator's certificate, and stores Nodes of others. */
export async function takeHold(cluster: ControlPlane): Promise<Holdings> {
  await allowBootstrap(cluster)
  await allowOperator(cluster)
  const others = await createFleet(cluster, OTHERS, 'stored')
  return {
    apiServer: { url: cluster.url, caPem: cluster.caPem },
    nodes: await Promise.all(Array.from({ length: HOSTILE_NODES }, (_, index) => hold(cluster, index))),
    others: others.map(({ address }) => address),
    bootstrapToken: `${TOKEN.id}.${TOKEN.secret}`,
    operator: await cluster.issue({ commonName: OPERATOR }),
  }
}

/** Deletes what the attacker asked for: it counts against etcd's quota until that is compacted. */
export async function forgetAsked(cluster: ControlPlane): Promise<void> {
  const { status } = await cluster.adminRequest('DELETE', `${CSRS}?labelSelector=${HOSTILE_LABEL}`)
  if (status !== 200) throw new Error(`CSRs of the attacker are not deleted: ${status}`)
  await cluster.compactEtcd()
}

async function hold(cluster: ControlPlane, index: number): Promise<HostileNode> {
  const [name, address] = [`hostile-${index}`, `10.66.0.${index}`]
  await new TestNode(cluster, name, address).join()
  const pair = await cluster.issue({ commonName: `system:node:${name}`, organizations: ['system:nodes'] })
  return { name, address, ...pair }
}

/** As kubeadm does: whoever bears the token may become a node. */
async function allowBootstrap(cluster: ControlPlane): Promise<void> {
  await post(cluster, '/api/v1/namespaces/kube-system/secrets', {
    metadata: { name: `bootstrap-token-${TOKEN.id}` },
    type: 'bootstrap.kubernetes.io/token',
    stringData: {
      'token-id': TOKEN.id,
      'token-secret': TOKEN.secret,
      'usage-bootstrap-authentication': 'true',
    },
  })
  const bootstrappers = { kind: 'Group', name: 'system:bootstrappers' }
  await bind(cluster, 'system:node-bootstrapper', bootstrappers)
  await bind(cluster, 'system:certificates.k8s.io:certificatesigningrequests:nodeclient', bootstrappers)
}

async function allowOperator(cluster: ControlPlane): Promise<void> {
  const verbs = ['create', 'delete']
  await post(cluster, `${RBAC}/clusterroles`, {
    metadata: { name: OPERATOR },
    rules: [
      { apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests'], verbs },
      { apiGroups: [''], resources: ['nodes'], verbs },
    ],
  })
  await bind(cluster, OPERATOR, { kind: 'User', name: OPERATOR })
}

async function bind(
  cluster: ControlPlane,
  role: string,
  { kind, name }: { readonly kind: string; readonly name: string },
): Promise<void> {
  const apiGroup = 'rbac.authorization.k8s.io'
  await post(cluster, `${RBAC}/clusterrolebindings`, {
    metadata: { name: `hostile:${role}` },
    subjects: [{ apiGroup, kind, name }],
    roleRef: { apiGroup, kind: 'ClusterRole', name: role },
  })
}

async function post(cluster: ControlPlane, path: string, body: JsonObject): Promise<void> {
  const { status, body: answer } = await cluster.adminRequest('POST', path, body)
  if (status !== 201) throw new Error(`POST ${path}: ${status} ${JSON.stringify(answer['message'])}`)
}
