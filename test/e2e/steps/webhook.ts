/** The webhook configuration of the release. */
import type { Cluster } from '../../kubeadm/cluster.ts'
import { kubectl } from '../../kubeadm/kubectl.ts'
import { RELEASE } from './product.ts'

/** Replaces what is at `path` of its first entry, such as `failurePolicy`. */
export async function patchWebhook(cluster: Cluster, path: string, value: unknown): Promise<void> {
  const patch = JSON.stringify([{ op: 'replace', path: `/webhooks/0/${path}`, value }])
  await kubectl(cluster, [
    'patch',
    'validatingwebhookconfiguration',
    RELEASE,
    '--type=json',
    `--patch=${patch}`,
  ])
}
