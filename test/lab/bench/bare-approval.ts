import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { isObject } from '../../kit/client.ts'
import { CSRS, metadataOf } from '../../kit/kubelet/csr.ts'
import type { JsonObject } from '../../../server/ports.ts'

/** Approves by one PUT, with nothing judged. */
export async function approve(cluster: ControlPlane, csr: JsonObject): Promise<void> {
  const { status } = await cluster.adminRequest(
    'PUT',
    `${CSRS}/${metadataOf(csr).name}/approval`,
    approved(csr),
  )
  if (status !== 200) throw new Error(`a bare approval was answered ${status}`)
}

function approved(csr: JsonObject): JsonObject {
  const status = isObject(csr['status']) ? csr['status'] : {}
  const condition = { type: 'Approved', status: 'True', reason: 'Bench', message: 'a bare PUT' }
  return { ...csr, status: { ...status, conditions: [condition] } }
}
