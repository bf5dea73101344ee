/** What the Nodes of a cluster say. */
import type { Cluster } from '../../kubeadm/cluster.ts'
import { kubectl } from '../../kubeadm/kubectl.ts'

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly creationTimestamp: string }
  }[]
}

/** When each Node was created, in milliseconds since the epoch, to the second. */
export async function nodesCreatedAt(cluster: Cluster): Promise<ReadonlyMap<string, number>> {
  const { items }: NodeList = JSON.parse(await kubectl(cluster, ['get', 'nodes', '-o=json']))
  return new Map(items.map(({ metadata }) => [metadata.name, Date.parse(metadata.creationTimestamp)]))
}
