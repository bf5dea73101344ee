/** What a release leaves behind when it is gone. */
import type { Cluster } from '../../kubeadm/cluster.ts'
import { kubectl } from '../../kubeadm/kubectl.ts'
import { RELEASE } from './product.ts'

const KINDS = [
  'validatingwebhookconfigurations',
  'clusterroles',
  'clusterrolebindings',
  'roles',
  'rolebindings',
  'serviceaccounts',
  'secrets',
  'configmaps',
  'services',
  'deployments',
  'daemonsets',
  'poddisruptionbudgets',
]

const LEDGER = `configmap/${RELEASE}-ledger-`

/** Objects that Helm made, in any namespace, that bear the release's name; the ledger is the pods' own, as the Lease. */
export async function remains(cluster: Cluster): Promise<readonly string[]> {
  const listed = await kubectl(cluster, ['get', KINDS.join(','), '--all-namespaces', '-o', 'name'])
  return listed.split('\n').filter((name) => name.includes(RELEASE) && !name.startsWith(LEDGER))
}
