import { objectAt, textAt } from '../../../server/json.ts'
import type { JsonObject } from '../../../server/ports.ts'
import { itemsOf, nodeOf } from '../../fleet/read-fleet.ts'
import type { DoctorNode } from '../facts.ts'

const UNINITIALIZED_TAINT = 'node.cloudprovider.kubernetes.io/uninitialized'
/** A kubelet cannot give itself these labels: NodeRestriction refuses them. */
const CONTROL_PLANE_LABELS = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master']
/** A Node reports a handful. */
const ADDRESSES_MAX = 100

/** What the checks need of a Node. */
export function doctorNodeOf(object: JsonObject): DoctorNode | undefined {
  const node = nodeOf(object)
  if (node === undefined) return undefined
  const labels = objectAt(object, 'metadata', 'labels')
  return {
    ...node,
    addresses: itemsOf(objectAt(object, 'status'), 'addresses')
      .slice(0, ADDRESSES_MAX)
      .map((entry) => ({ type: textAt(entry, 'type'), address: textAt(entry, 'address') })),
    uninitialized: itemsOf(objectAt(object, 'spec'), 'taints').some(
      (taint) => textAt(taint, 'key') === UNINITIALIZED_TAINT,
    ),
    controlPlane: CONTROL_PLANE_LABELS.some((label) => Object.hasOwn(labels, label)),
  }
}
