import { parseReportedAddress } from '../../policies/address.ts'
import { foldCase } from '../../policies/request.ts'
import type { Address, Facts, NodeFacts } from '../../policies/types.ts'
import type { JsonObject } from '../ports.ts'
import { Fields } from './fields.ts'

/** A Node reports a handful. Addresses beyond this limit are neither granted to it nor claimed by it. */
const ADDRESSES_MAX = 100
/** The longest DNS name, RFC 1035 §2.3.4. */
const NAME_MAX = 253
const TYPES = new Set(['Hostname', 'InternalIP', 'ExternalIP', 'InternalDNS', 'ExternalDNS'])

/** Cluster API allows no longer one: api/core/v1beta2/machine_types.go. */
const PROVIDER_ID_MAX = 512

const CONTROL_PLANE_LABEL = 'node-role.kubernetes.io/control-plane'
const UNINITIALIZED_TAINT = 'node.cloudprovider.kubernetes.io/uninitialized'

/** The judged fields of a v1 Node. Undefined if the object is not a valid Node. */
export function selectNode(object: JsonObject): NodeFacts | undefined {
  const fields = new Fields(object, 'node')
  const metadata = fields.object('metadata')
  const taints = fields.optionalObject('spec')?.objects('taints') ?? []
  const providerId = readProviderId(fields)
  const node = {
    name: metadata.text('name'),
    uid: metadata.text('uid'),
    createdAt: metadata.time('creationTimestamp'),
    deleting: metadata.has('deletionTimestamp'),
    uninitialized: taints.some((taint) => taint.optionalText('key') === UNINITIALIZED_TAINT),
    controlPlane: metadata.optionalObject('labels')?.has(CONTROL_PLANE_LABEL) ?? false,
    ...reportedIn(fields.optionalObject('status')),
    ...(providerId !== '' && { providerId }),
  }
  return fields.problems.length === 0 ? Object.freeze(node) : undefined
}

/**
 * The names and addresses that the kubelet would request, by its own rules: addressesToHostnamesAndIPs in kubernetes
 * pkg/kubelet/certificate/kubelet.go.
 */
export function reportedIn(status: Fields | null): Pick<NodeFacts, 'names' | 'addresses' | 'external'> {
  const names = new Set<string>()
  const addresses = new Set<Address>()
  const internal = new Set<Address>()
  const external = new Set<Address>()
  for (const entry of status?.leadingObjects('addresses', ADDRESSES_MAX) ?? []) {
    const type = entry.optionalText('type')
    const text = entry.optionalText('address')
    if (text === '' || text.length > NAME_MAX || !TYPES.has(type)) continue
    const address = type.endsWith('DNS') ? undefined : parseReportedAddress(text)
    if (address === undefined) addName(names, type, text)
    else {
      addresses.add(address)
      const of = type === 'ExternalIP' ? external : internal
      of.add(address)
    }
  }
  return {
    names: Object.freeze([...names]),
    addresses: Object.freeze([...addresses]),
    ...externalOnly(external.difference(internal)),
  }
}

function addName(names: Set<string>, type: string, text: string): void {
  if (!type.endsWith('IP')) names.add(foldCase(text))
}

function externalOnly(addresses: ReadonlySet<Address>): Pick<NodeFacts, 'external'> {
  return addresses.size === 0 ? {} : { external: Object.freeze([...addresses]) }
}

/** `spec.providerID`; empty if there is none. One that is cut is the same as no other. */
export function readProviderId(object: Fields): string {
  return (
    object
      .optionalObject('spec')
      ?.optionalText('providerID')
      .slice(0, PROVIDER_ID_MAX + 1) ?? ''
  )
}

/** The uid of the requester's Node, if it is known. */
export function nodeUid({ cluster }: Facts): string | undefined {
  return cluster?.node.known === true ? cluster.node.value?.uid : undefined
}
