import { contains, formatAddress, formatPrefix } from '../../policies/address.ts'
import { listed } from '../../policies/text.ts'
import type { Known, Vouching } from '../../policies/types.ts'
import { distrust, MAX_AGE_MS } from '../facts/freshness.ts'
import { isObject, objectAt, textAt } from '../json.ts'
import type { Asked, JsonObject, Log, Store } from '../ports.ts'
import { type Inventory, type InventoryText, readInventory } from './inventory-file.ts'
import type { InventoryLine } from './inventory-line.ts'
import type { Source } from './source.ts'

/** The texts of a ConfigMap: its keys that end in `.yaml`. */
export type InventoryTexts = readonly InventoryText[]

/** @param configMap its name */
export function selectInventory(configMap: string): (object: JsonObject) => InventoryTexts | undefined {
  return (object) => {
    const metadata = objectAt(object, 'metadata')
    if (textAt(metadata, 'name') !== configMap) return undefined
    return textsOf(object, `${textAt(metadata, 'namespace')}/${configMap}`)
  }
}

function textsOf({ data }: JsonObject, configMap: string): InventoryTexts {
  return Object.entries(isObject(data) ? data : {}).flatMap(([key, text]) =>
    key.endsWith('.yaml') && typeof text === 'string' ? [{ name: `${configMap} ${key}`, text }] : [],
  )
}

export interface InventoryDependencies {
  /** One for each ConfigMap. */
  readonly stores: readonly Store<InventoryTexts>[]
  readonly log: Log
  readonly recorder: { inventoryReloaded(ok: boolean): void }
  /** Called after each change of the inventory in force. */
  readonly onChange: () => void
}

/** The operator's list of nodes. A change with faults is logged with all of them, and the last good inventory stays in force. */
export class InventorySource implements Source {
  readonly kind = 'inventory'
  readonly #dependencies: InventoryDependencies
  #inventory: Inventory | null = null
  #problem: string | null = null
  /** The reading under way, and whether something changed since it began. */
  #reading: Promise<void> | null = null
  #stale = false

  constructor(dependencies: InventoryDependencies) {
    this.#dependencies = dependencies
    for (const store of dependencies.stores) store.subscribe(() => this.#changed())
    this.#changed()
  }

  vouch({ node, names, addresses }: Asked): Known<Vouching> {
    for (const store of this.#dependencies.stores) {
      const because = distrust(store, MAX_AGE_MS)
      if (because !== null) return { known: false, because }
    }
    if (this.#inventory === null) return { known: false, because: this.#problem ?? 'it is being read' }
    const line = lineOf(this.#inventory, node.name)
    if (line === undefined)
      return { known: true, value: { names: [], addresses: [], says: `no line is for ${node.name}` } }
    const value = vouching(line, { node, names, addresses }, !this.#inventory.byNode.has(node.name))
    return { known: true, value }
  }

  /** Resolves when what is known has been read. For tests. */
  async settled(): Promise<void> {
    while (this.#reading !== null) await this.#reading
  }

  #changed(): void {
    this.#stale = true
    this.#reading ??= this.#read().finally(() => (this.#reading = null))
  }

  async #read(): Promise<void> {
    while (this.#stale) {
      this.#stale = false
      // Several ConfigMaps change one after the other.
      await Promise.resolve()
      const texts = this.#dependencies.stores.map((store) => [...store.values()].flat())
      const missing = this.#dependencies.stores.filter((_, index) => texts[index]?.length === 0)
      if (missing.length > 0) {
        this.#keepLastGood(
          missing.map(({ title }) => `${title} does not exist, or has no key that ends in .yaml`),
        )
        continue
      }
      const read = await readInventory(texts.flat())
      if (read.ok) this.#bringIntoForce(read.inventory)
      else this.#keepLastGood(read.faults)
    }
  }

  #bringIntoForce(inventory: Inventory): void {
    this.#inventory = inventory
    this.#problem = null
    const fields = { nodes: inventory.byNode.size, patterns: inventory.patterns.length }
    this.#dependencies.recorder.inventoryReloaded(true)
    this.#dependencies.log.info(fields, 'the inventory is valid and in force')
    this.#dependencies.onChange()
  }

  #keepLastGood(faults: readonly string[]): void {
    const [first = ''] = faults
    this.#problem = faults.length > 1 ? `${first} and ${faults.length - 1} more faults, see the log` : first
    // At the start a ConfigMap is missing until it is read.
    if (this.#dependencies.stores.some((store) => store.state().phase === 'syncing' && store.size === 0))
      return
    this.#dependencies.recorder.inventoryReloaded(false)
    const kept =
      this.#inventory === null ? 'there is no inventory' : 'the last valid inventory stays in force'
    this.#dependencies.log.warn({ faults }, `the inventory has faults: ${kept}`)
  }
}

function lineOf({ byNode, patterns }: Inventory, node: string): InventoryLine | undefined {
  return byNode.get(node) ?? patterns.find(({ nodes }) => nodes.matches(node))?.line
}

/** What a line has of what is asked for. A pattern's line is that of several Nodes, and a prefix that of several addresses. */
function vouching(line: InventoryLine, { node, names, addresses }: Asked, isPattern: boolean): Vouching {
  const of = (name: string): string => name.replaceAll('{node}', node.name)
  const own = line.names.map(of)
  const bound = [node.name, ...line.names.filter((name) => !isPattern || name.includes('{node}')).map(of)]
  const listedNames = names.filter((name) => name === node.name || own.includes(name))
  const inLine = addresses.filter((address) => line.addresses.includes(address))
  const inPrefix = addresses.filter((address) => line.prefixes.some((prefix) => contains(prefix, address)))
  const sharedAddresses = isPattern
    ? [...inLine, ...inPrefix]
    : inPrefix.filter((one) => !inLine.includes(one))
  const shared = [...listedNames.filter((name) => !bound.includes(name)), ...sharedAddresses]
  return {
    names: listedNames,
    addresses: addresses.filter((address) => inLine.includes(address) || inPrefix.includes(address)),
    ...(shared.length > 0 && { shared }),
    says: `the line for ${node.name} has ${describe({ ...line, names: own })}`,
  }
}

function describe({ names, addresses, prefixes }: InventoryLine): string {
  return listed([...addresses.map(formatAddress), ...prefixes.map(formatPrefix), ...names])
}
