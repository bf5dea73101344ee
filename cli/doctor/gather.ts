import type { Known } from '../../policies/types.ts'
import { objectAt, textAt } from '../../server/json.ts'
import type { Session } from '../cluster/session.ts'
import { type Dialled, inParallel, kubeletDialer } from '../fleet/dial.ts'
import { csrOf } from '../fleet/read-fleet.ts'
import type { DoctorNode, Facts } from './facts.ts'
import { readApprovers } from './gather/approval-rights.ts'
import { readClientCas } from './gather/client-cas.ts'
import { readKubeadm, readKubeletConfig } from './gather/configuration.ts'
import { podsOf, readControlPlanePods } from './gather/control-plane.ts'
import { readNodeRestriction } from './gather/node-restriction.ts'
import { doctorNodeOf } from './gather/nodes.ts'
import { mapKnown, readAll, readObject } from './gather/read-object.ts'
import { readWebhook } from './gather/webhook.ts'
import { readWorkloads } from './gather/workloads.ts'
import { kubeletsOf } from './kubelets.ts'

const LEADER = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager'

/** Reads a cluster once, and dials each kubelet once. @param dialled called after each dial */
export async function gather(
  session: Session,
  dialled: (count: number, all: number) => void,
): Promise<Facts> {
  const nodesRead = readAll(session, { title: 'Nodes', path: '/api/v1/nodes', select: doctorNodeOf })
  const [nodes, csrs, seen, pods, leader, rest] = await Promise.all([
    nodesRead,
    readAll(session, {
      title: 'CSRs',
      path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
      fieldSelector: 'spec.signerName=kubernetes.io/kubelet-serving',
      select: csrOf,
    }),
    nodesRead.then((read) => dialAll(read, session.ca, dialled)),
    readControlPlanePods(session),
    readObject(session, LEADER, 'the Lease kube-system/kube-controller-manager'),
    readRest(session),
  ])
  const now = session.cluster.clock.serverNow()
  const cas = rest.clientCas.known ? rest.clientCas.value.map(({ certificate }) => certificate) : []
  return {
    now,
    clockAheadMs: Date.now() - now,
    nodes,
    csrs,
    kubelets: mapKnown(nodes, (known) =>
      kubeletsOf(known, csrs.known ? csrs.value : [], { dialled: seen, cas }),
    ),
    apiServers: podsOf('kube-apiserver', pods, nodes),
    controllerManagers: podsOf('kube-controller-manager', pods, nodes),
    leaderRenewedAt: mapKnown(leader, (lease) =>
      lease === null ? null : renewedAt(objectAt(lease, 'spec')),
    ),
    ...rest,
  }
}

type Rest = Pick<
  Facts,
  'clientCas' | 'kubeadm' | 'kubeletConfig' | 'approvers' | 'workloads' | 'webhook' | 'nodeRestriction'
>

async function readRest(session: Session): Promise<Rest> {
  const [clientCas, kubeadm, kubeletConfig, approvers, workloads, webhook, nodeRestriction] =
    await Promise.all([
      readClientCas(session),
      readKubeadm(session),
      readKubeletConfig(session),
      readApprovers(session),
      readWorkloads(session),
      readWebhook(session),
      readNodeRestriction(session),
    ])
  return { clientCas, kubeadm, kubeletConfig, approvers, workloads, webhook, nodeRestriction }
}

async function dialAll(
  nodes: Known<readonly DoctorNode[]>,
  ca: string,
  dialled: (count: number, all: number) => void,
): Promise<ReadonlyMap<string, Dialled>> {
  const seen = new Map<string, Dialled>()
  if (!nodes.known) return seen
  const dialKubelet = kubeletDialer(ca)
  await inParallel(nodes.value, async ({ name, dial }) => {
    if (dial !== null) seen.set(name, await dialKubelet(dial))
    dialled(seen.size, nodes.value.length)
  })
  return seen
}

function renewedAt(spec: ReturnType<typeof objectAt>): number | null {
  const at = Date.parse(textAt(spec, 'renewTime'))
  return Number.isNaN(at) ? null : at
}
