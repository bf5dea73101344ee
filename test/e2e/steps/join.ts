/** A worker that joins while the product is in place. */
import type { Cluster } from '../../kubeadm/cluster.ts'
import { kubectl } from '../../kubeadm/kubectl.ts'
import { eventually } from '../../kit/until.ts'
import { startLogPod, untilReached } from './log-pods.ts'

/** Joins a worker; returns the milliseconds from its Node's appearance to the first line of log served. */
export async function joinAndReach(cluster: Cluster, name: string): Promise<number> {
  const joined = cluster.join(name)
  joined.catch(() => undefined) // awaited below
  await eventually(`the Node ${name} appears`, 90, async () => {
    await kubectl(cluster, ['get', 'node', name])
    return true
  })
  const appeared = performance.now()
  await startLogPod(cluster, name)
  await untilReached(cluster, [name], 60)
  const served = performance.now()
  await joined
  return served - appeared
}
