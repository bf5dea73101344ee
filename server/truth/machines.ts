import { listed } from '../../policies/text.ts'
import type { Address, Known, Vouching } from '../../policies/types.ts'
import { Fields } from '../facts/fields.ts'
import { readProviderId, reportedIn } from '../facts/nodes.ts'
import { distrust, MAX_AGE_MS } from '../facts/freshness.ts'
import { Multimap } from '../multimap.ts'
import type { Asked, Change, JsonObject, Store } from '../ports.ts'
import type { Source } from './source.ts'

/** A Machine, reduced to what is judged. */
export interface MachineFacts {
  readonly name: string
  /** The name in `status.nodeRef`; empty while the Machine is not linked to a Node. */
  readonly node: string
  readonly deleting: boolean
  /** Empty if there is none. */
  readonly providerId: string
  /** Whether the machine of the provider exists. */
  readonly provisioned: boolean
  readonly names: readonly string[]
  readonly addresses: readonly Address[]
}

/** A Machine of one Cluster of Cluster API, in the version v1beta1 or v1beta2 of cluster.x-k8s.io. */
export function selectClusterMachine(cluster: string): (object: JsonObject) => MachineFacts | undefined {
  return (object) => {
    const fields = new Fields(object, 'machine')
    if (fields.object('spec').optionalText('clusterName') !== cluster) return undefined
    const status = fields.optionalObject('status')
    const provisioned =
      status?.optionalObject('initialization')?.flag('infrastructureProvisioned') === true ||
      status?.flag('infrastructureReady') === true
    return machineFrom(fields, provisioned)
  }
}

/** Phases in which the machine of the provider exists: openshift/api machine/v1beta1. */
const PROVISIONED: readonly string[] = ['Provisioned', 'Running']

/** A Machine of OpenShift, machine.openshift.io/v1beta1. */
export function selectOpenShiftMachine(object: JsonObject): MachineFacts | undefined {
  const fields = new Fields(object, 'machine')
  return machineFrom(
    fields,
    PROVISIONED.includes(fields.optionalObject('status')?.optionalText('phase') ?? ''),
  )
}

function machineFrom(fields: Fields, provisioned: boolean): MachineFacts | undefined {
  const metadata = fields.object('metadata')
  const status = fields.optionalObject('status')
  const { names, addresses } = reportedIn(status)
  const machine = {
    name: metadata.text('name'),
    node: status?.optionalObject('nodeRef')?.optionalText('name') ?? '',
    deleting: metadata.has('deletionTimestamp'),
    providerId: readProviderId(fields),
    provisioned,
    names,
    addresses,
  }
  return fields.problems.length === 0 ? Object.freeze(machine) : undefined
}

export interface MachinesDependencies {
  /** Those that may hold the Machines. */
  readonly stores: readonly Store<MachineFacts>[]
  /** The one that does, by the version that the server has. */
  readonly store: () => Store<MachineFacts>
}

/**
 * The Machines of Cluster API or OpenShift. Their addresses come from the infrastructure provider, and their link to a Node from
 * the Machine controller. A Node without such a link is not vouched for: its name, addresses and provider ID are its own word.
 */
export class MachinesSource implements Source {
  readonly kind = 'clusterApi'
  readonly #store: () => Store<MachineFacts>
  readonly #byNode = new Map<Store<MachineFacts>, Multimap<string>>()

  constructor({ stores, store }: MachinesDependencies) {
    this.#store = store
    for (const one of stores) {
      const index = new Multimap<string>()
      this.#byNode.set(one, index)
      one.subscribe((change) => reindex(index, change))
    }
  }

  vouch({ node, names, addresses }: Asked): Known<Vouching> {
    const store = this.#store()
    const because = distrust(store, MAX_AGE_MS)
    if (because !== null) return { known: false, because }
    const keys = [...(this.#byNode.get(store)?.get(node.name) ?? [])]
    const unreadable = keys.find((key) => store.isUnreadable(key))
    if (unreadable !== undefined) return { known: false, because: `the Machine ${unreadable} cannot be read` }
    const found = theMachineOf(
      node,
      keys.flatMap((key) => store.get(key) ?? []),
    )
    if (typeof found === 'string') return { known: true, value: { names: [], addresses: [], says: found } }
    const value = {
      names: names.filter((name) => name === node.name || found.names.includes(name)),
      addresses: addresses.filter((address) => found.addresses.includes(address)),
      says: `the Machine ${found.name} does not have it in status.addresses`,
    }
    return { known: true, value }
  }
}

/** The one Machine that is linked to a Node, or why none vouches for it. */
function theMachineOf(node: Asked['node'], machines: readonly MachineFacts[]): MachineFacts | string {
  const [machine, ...others] = machines
  if (machine === undefined) return `no Machine has ${node.name} in status.nodeRef`
  if (others.length > 0) {
    const names = machines.map(({ name }) => name).toSorted()
    return `${machines.length} Machines have ${node.name} in status.nodeRef: ${listed(names)}`
  }
  const { name, deleting, providerId, provisioned } = machine
  if (deleting) return `the Machine ${name} is being deleted`
  if (!provisioned) return `the infrastructure of the Machine ${name} is not ready`
  if (providerId === '') return `the Machine ${name} has no spec.providerID`
  if (node.providerId !== undefined && node.providerId !== providerId)
    return `the Machine ${name} has another spec.providerID than the Node`
  return machine
}

function reindex(index: Multimap<string>, { key, before, after }: Change<MachineFacts>): void {
  if (before !== undefined && before.node !== '') index.delete(before.node, key)
  if (after !== undefined && after.node !== '') index.add(after.node, key)
}
