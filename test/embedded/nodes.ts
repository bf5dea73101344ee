/** Nodes. Kubernetes: pkg/registry/core/node/strategy.go, pkg/apis/core/validation ValidateNode. */
import { isObject, objectAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { duplicate, type FieldFault, forbidden } from './refusal.ts'
import type { Strategy } from './strategy.ts'

export const nodeStrategy: Strategy = {
  validate: addressFaults,
  prepareForUpdate: (next, before, at) =>
    at === 'status' ? { ...next, spec: before['spec'] ?? {} } : { ...next, status: before['status'] ?? {} },
  validateUpdate: (next, before) => [...addressFaults(next), ...podRangeFaults(next, before)],
}

function addressFaults(node: JsonObject): readonly FieldFault[] {
  const { addresses } = objectAt(node, 'status')
  const texts = (Array.isArray(addresses) ? addresses.filter(isObject) : []).map((one) =>
    JSON.stringify([one['type'], one['address']]),
  )
  return texts.flatMap((text, index) =>
    texts.indexOf(text) < index ? [duplicate(`status.addresses[${index}]`, text)] : [],
  )
}

/** Once set, they stay. */
function podRangeFaults(next: JsonObject, before: JsonObject): readonly FieldFault[] {
  const [now, then] = [next, before].map((node) => objectAt(node, 'spec')['podCIDRs'])
  if (then === undefined || JSON.stringify(now) === JSON.stringify(then)) return []
  return [forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid')]
}
