/** What a release leaves in its namespace, and what the pages say about it. */
import { objectAt } from '../../server/json.ts'
import { NAMESPACE, RELEASE } from '../chart/helm.ts'
import { listOf, nameOf } from '../chart/objects.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'

const folders = {
  configmap: `/api/v1/namespaces/${NAMESPACE}/configmaps`,
  secret: `/api/v1/namespaces/${NAMESPACE}/secrets`,
  lease: `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases`,
}

/** The objects of the release that are left, as `configmap/<name>`. */
export async function remains(cluster: ControlPlane): Promise<readonly string[]> {
  const found: string[] = []
  for (const [kind, path] of Object.entries(folders)) {
    const { body } = await cluster.adminRequest('GET', path)
    const names = listOf(body['items']).map((item) => nameOf(objectAt(item)))
    found.push(...names.filter((name) => name.startsWith(RELEASE)).map((name) => `${kind}/${name}`))
  }
  return found.toSorted()
}

/** What the pods made themselves, as it is called when the release is called `kubelet-csr-gate`. */
export const LEFT_BESIDE_LEDGER = [{ kind: 'lease', name: 'kubelet-csr-gate' }] as const
