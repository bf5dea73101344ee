/** How much memory the pods hold, as their kubelets report it: through the very connection this product secures. */
import type { Cluster } from '../../kubeadm/cluster.ts'
import { kubectl } from '../../kubeadm/kubectl.ts'
import { NAMESPACE } from './product.ts'

/** The part of the kubelet's stats API (k8s.io/kubelet pkg/apis/stats/v1alpha1) that is read here. */
interface Summary {
  readonly pods: readonly {
    readonly podRef: { readonly namespace: string }
    readonly containers?: readonly { readonly memory?: { readonly workingSetBytes?: number } }[]
  }[]
}

/** Working sets of the product's containers in MiB, the largest first. */
export async function workingSets(cluster: Cluster): Promise<readonly number[]> {
  const found: number[] = []
  for (const { plan } of cluster.hosts) {
    const raw = await kubectl(cluster, ['get', '--raw', `/api/v1/nodes/${plan.name}/proxy/stats/summary`])
    const summary: Summary = JSON.parse(raw)
    const ours = summary.pods.filter(({ podRef }) => podRef.namespace === NAMESPACE)
    for (const { containers = [] } of ours) {
      found.push(...containers.map(({ memory }) => Math.round((memory?.workingSetBytes ?? 0) / 1024 / 1024)))
    }
  }
  return found.sort((a, b) => b - a)
}
