/** A pod on each node that prints a line: what `kubectl logs` and `kubectl exec` are tried on. */
import { STILL_IMAGE } from '../../kubeadm/images.ts'
import type { Cluster } from '../../kubeadm/cluster.ts'
import { apply, kubectl, tryKubectl } from '../../kubeadm/kubectl.ts'
import { eventually } from '../../kit/until.ts'

export interface Reached {
  readonly logs: boolean
  readonly exec: boolean
  /** What kubectl said where one of them failed. */
  readonly problem: string
}

/** Starts that pod on a node, past the scheduler and every taint; `hostNetwork` where there is no pod network yet. */
export async function startLogPod(cluster: Cluster, node: string, hostNetwork = false): Promise<void> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: podOn(node) },
    spec: {
      nodeName: node,
      hostNetwork,
      automountServiceAccountToken: false,
      tolerations: [{ operator: 'Exists' }],
      terminationGracePeriodSeconds: 1,
      containers: [
        { name: 'log', image: STILL_IMAGE, imagePullPolicy: 'Never', args: ['speak', greeting(node)] },
      ],
    },
  }
  await eventually(`a pod for ${node} is accepted`, 30, async () => {
    await apply(cluster, pod) // refused until the service account exists
    return true
  })
  await eventually(`the pod of ${node} runs`, 60, async () => {
    const phase = await kubectl(cluster, ['get', 'pod', podOn(node), '-o=jsonpath={.status.phase}'])
    return phase === 'Running' ? true : undefined
  })
}

/** Tries both ways from the API server to a node's kubelet. */
export async function reach(cluster: Cluster, node: string): Promise<Reached> {
  const logs = await tryKubectl(cluster, ['logs', podOn(node)])
  const exec = await tryKubectl(cluster, ['exec', podOn(node), '--', '/still', 'say', 'well', 'heard'])
  return {
    logs: logs.code === 0 && logs.stdout.trim() === greeting(node),
    exec: exec.code === 0 && exec.stdout.trim() === 'well heard',
    problem: [logs, exec]
      .map(({ code, stderr }) => (code === 0 ? '' : stderr.trim()))
      .join('\n')
      .trim(),
  }
}

/** Waits until `kubectl logs` and `exec` work on every one of the nodes. */
export async function untilReached(
  cluster: Cluster,
  nodes: readonly string[],
  seconds: number,
): Promise<void> {
  for (const node of nodes) {
    await eventually(`kubectl logs and exec reach ${node}`, seconds, async () => {
      const { logs, exec, problem } = await reach(cluster, node)
      if (!logs || !exec) throw new Error(problem)
      return true
    })
  }
}

const podOn = (node: string): string => `log-${node}`
const greeting = (node: string): string => `a line from ${node}`
