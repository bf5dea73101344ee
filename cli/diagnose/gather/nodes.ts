import { isIP } from 'node:net'
import { objectAt, textAt } from '../../../server/json.ts'
import type { JsonObject } from '../../../server/ports.ts'
import type { Dial } from '../dial.ts'
import type { NodeAddress, NodeFacts } from '../facts.ts'
import { itemsOf } from './read.ts'

const UNINITIALIZED_TAINT = 'node.cloudprovider.kubernetes.io/uninitialized'
/** A kubelet cannot give itself these labels: NodeRestriction refuses them. */
const CONTROL_PLANE_LABELS = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master']
/** A Node reports a handful. */
const ADDRESSES_MAX = 100

/** Reads what the checks need of a Node. Its kubelet is dialled on `port`, never on one that the Node reports. */
export function nodeReader(port: number): (object: JsonObject) => NodeFacts | undefined {
  return (object) => nodeOf(object, port)
}

function nodeOf(object: JsonObject, port: number): NodeFacts | undefined {
  const metadata = objectAt(object, 'metadata')
  const name = textAt(metadata, 'name')
  if (name === '') return undefined
  const [labels, status] = [objectAt(metadata, 'labels'), objectAt(object, 'status')]
  const addresses = itemsOf(status, 'addresses')
    .slice(0, ADDRESSES_MAX)
    .map((entry) => ({ type: textAt(entry, 'type'), address: textAt(entry, 'address') }))
  return {
    name,
    createdAt: Date.parse(textAt(metadata, 'creationTimestamp')),
    ready: itemsOf(status, 'conditions').some(
      (condition) => textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True',
    ),
    addresses,
    dial: dialOf(addresses, port),
    reportedPort: Number(objectAt(status, 'daemonEndpoints', 'kubeletEndpoint')['Port'] ?? 0),
    uninitialized: itemsOf(objectAt(object, 'spec'), 'taints').some(
      (taint) => textAt(taint, 'key') === UNINITIALIZED_TAINT,
    ),
    controlPlane: CONTROL_PLANE_LABELS.some((label) => Object.hasOwn(labels, label)),
  }
}

function dialOf(addresses: readonly NodeAddress[], port: number): Dial | null {
  const ofType = (wanted: string) =>
    addresses.find(({ type, address }) => type === wanted && isIP(address) !== 0)
  const found = ofType('InternalIP') ?? ofType('ExternalIP')
  return found === undefined ? null : { address: found.address, port }
}
