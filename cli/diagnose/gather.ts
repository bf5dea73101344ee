import { kubeletPort } from '../cluster/looking.ts'
import type { Session } from '../cluster/session.ts'
import { EXIT, type Problem } from '../exit-codes.ts'
import { type Dialled, inParallel, kubeletDialer } from './dial.ts'
import type { Facts, FleetFacts, NodeFacts } from './facts.ts'
import { readApprovers } from './gather/approval-rights.ts'
import { readClientCas } from './gather/client-cas.ts'
import { readKubeadm, readKubeletConfig } from './gather/configuration.ts'
import { podsOf, readControlPlanePods } from './gather/control-plane.ts'
import { csrOf } from './gather/csrs.ts'
import { readLeader } from './gather/leader.ts'
import { readNodeRestriction } from './gather/node-restriction.ts'
import { nodeReader } from './gather/nodes.ts'
import { readOwnLogs } from './gather/own-logs.ts'
import { mapKnown, readAll } from './gather/read.ts'
import { readPolicy } from './gather/policy.ts'
import { readWebhook } from './gather/webhook.ts'
import { readWorkloads } from './gather/workloads.ts'
import { csrList } from '../cluster/csr-list.ts'
import { kubeletsOf } from './kubelets.ts'

export interface Dialling {
  /** Whether to dial the kubelet of this node. */
  readonly dials: (node: NodeFacts) => boolean
  /** Default: that of the installed configuration. */
  readonly port?: number
  /** Called after each kubelet that was dialled. */
  readonly dialled: (count: number, all: number) => void
}

/** Reads all of a cluster once, and dials each kubelet once. Two requests are dry runs. */
export async function gather(session: Session, dialling: Dialling): Promise<Facts> {
  const [fleet, leader, kubeadm, kubeletConfig, approvers, workloads, webhook, policy, nodeRestriction] =
    await Promise.all([
      gatherFleet(session, dialling),
      readLeader(session),
      readKubeadm(session),
      readKubeletConfig(session),
      readApprovers(session),
      readWorkloads(session),
      readWebhook(session),
      readPolicy(session),
      readNodeRestriction(session),
    ])
  return {
    ...fleet,
    leader,
    kubeadm,
    kubeletConfig,
    approvers,
    workloads,
    webhook,
    policy,
    nodeRestriction,
    ownLogs: await readOwnLogs(session, fleet.apiServers),
  }
}

/** Reads once what concerns nodes, and dials each kubelet once. Only reads. */
export async function gatherFleet(session: Session, dialling: Dialling): Promise<FleetFacts> {
  const select = nodeReader(dialling.port ?? (await kubeletPort(session)))
  const nodesRead = readAll(session, { title: 'Nodes', path: '/api/v1/nodes', select })
  const [nodes, csrs, dialled, pods, clientCas] = await Promise.all([
    nodesRead,
    readAll(session, { ...csrList, select: csrOf }),
    nodesRead.then((read) => dialAll(read.known ? read.value : [], session.ca, dialling)),
    readControlPlanePods(session),
    readClientCas(session),
  ])
  const now = session.cluster.clock.serverNow()
  const cas = clientCas.known ? clientCas.value.map(({ certificate }) => certificate) : []
  const stored = csrs.known ? csrs.value : []
  return {
    now,
    clockAheadMs: Date.now() - now,
    clientCas,
    nodes,
    csrs,
    kubelets: mapKnown(nodes, (known) => kubeletsOf(known, stored, { dialled, cas, now })),
    apiServers: podsOf('kube-apiserver', pods, nodes),
    controllerManagers: podsOf('kube-controller-manager', pods, nodes),
  }
}

async function dialAll(
  nodes: readonly NodeFacts[],
  ca: string,
  { dials, dialled }: Dialling,
): Promise<ReadonlyMap<string, Dialled>> {
  const seen = new Map<string, Dialled>()
  const dialKubelet = kubeletDialer(ca)
  const wanted = nodes.filter(dials)
  await inParallel(wanted, async ({ name, dial }) => {
    const one: Dialled =
      dial === null ? { kind: 'nothing', because: 'its Node reports no address' } : await dialKubelet(dial)
    seen.set(name, one)
    dialled(seen.size, wanted.length)
  })
  return seen
}

/** Why nodes cannot be diagnosed; null if their objects are visible. */
export function hiddenIn({ nodes, csrs }: FleetFacts): Problem | null {
  const hidden = [nodes, csrs].find(({ known }) => !known)
  return hidden === undefined || hidden.known ? null : { message: hidden.because, exitCode: EXIT.notSeen }
}
