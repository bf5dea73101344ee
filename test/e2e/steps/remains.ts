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

/** What the pods made and Helm does not know: docs/uninstall.md lists it. The ledger stays on purpose. */
const STAYS = [`configmap/${RELEASE}-ledger-`, `lease.coordination.k8s.io/${RELEASE}`]

/** Objects of any of our kinds, in any namespace, that bear the release's name; but those that stay. */
export async function remains(cluster: Cluster): Promise<readonly string[]> {
  const listed = await kubectl(cluster, ['get', KINDS.join(','), '--all-namespaces', '-o', 'name'])
  return listed
    .split('\n')
    .filter((name) => name.includes(RELEASE) && !STAYS.some((stays) => name.startsWith(stays)))
}
