/** Nodes that get certificates, and what the ledger has of them. */
import { NAMESPACE } from '../chart/helm.ts'
import { listOf } from '../chart/objects.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import type { Obtained } from '../kit/kubelet/kubelet.ts'
import { TestNode } from '../kit/kubelet/test-node.ts'
import { until } from '../kit/until.ts'

const LEDGER = 'labelSelector=app.kubernetes.io%2Fcomponent%3Dledger'
const CERTIFIED_MS = 60_000

let nodes = 0

/** A node registers and gets a certificate. Resolves when a ledger of `namespaces` has it. */
export async function certifyNode(
  cluster: ControlPlane,
  namespaces: readonly string[] = [NAMESPACE],
): Promise<Obtained> {
  nodes += 1
  const name = `node-${nodes}`
  const { kubelet } = await new TestNode(cluster, name, `10.0.0.${nodes}`).join()
  const obtained = await kubelet.obtain(AbortSignal.timeout(CERTIFIED_MS))
  const isWritten = async () => {
    const has = await Promise.all(namespaces.map((namespace) => ledgerHas(cluster, namespace, name)))
    return has.includes(true)
  }
  await until(isWritten, `a ledger has ${name}`, CERTIFIED_MS, 200)
  return obtained
}

async function ledgerHas(cluster: ControlPlane, namespace: string, node: string): Promise<boolean> {
  const { body } = await cluster.adminRequest('GET', `/api/v1/namespaces/${namespace}/configmaps?${LEDGER}`)
  return listOf(body['items']).some((shard) => JSON.stringify(shard['data'] ?? '').includes(node))
}
