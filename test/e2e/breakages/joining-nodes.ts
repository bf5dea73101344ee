/** Nodes that join, and never ask. */
import { kubectl } from '../../kubeadm/kubectl.ts'
import { admitCsrs, refuseCsrs } from '../steps/floor.ts'
import type { Breakage } from './breakage.ts'

/** Ends the machine, and deletes its Node. */
function removed(name: string): Breakage['mend'] {
  return async (cluster) => {
    await cluster.end(cluster.host(name))
    await kubectl(cluster, ['delete', 'node', name])
  }
}

export const brokenJoins: readonly Breakage[] = [
  {
    title: 'a node waits for a cloud provider that is not there',
    by: async (cluster) => {
      await cluster.join('worker-3', { kubeletFlags: { 'cloud-provider': 'external' } })
    },
    mend: removed('worker-3'),
    first: 'CloudProviderMissing',
    subject: 'Node worker-3',
  },
  {
    title: 'an admission policy refuses what kubelets ask',
    by: async (cluster) => {
      await refuseCsrs(cluster)
      await cluster.join('worker-4')
    },
    mend: async (cluster) => {
      await admitCsrs(cluster)
      await removed('worker-4')(cluster)
    },
    first: 'NoCsr',
    subject: 'Node worker-4',
  },
]
