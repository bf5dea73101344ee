import { distrust } from '../facts/freshness.ts'
import type { Grants, NodeGrants } from '../facts/grants.ts'
import { isOlder } from '../kube/resource-version.ts'
import { Multimap } from '../multimap.ts'
import type { LedgerSize, Log, Store } from '../ports.ts'
import { keysOf, nodeKey, unprovenIn } from './keys.ts'
import { type ShardState, unread } from './shard-state.ts'
import { type LedgerPlace, type Shard, shardNames, shardOf } from './shard.ts'
import type { Released, ShardContent } from './shard-text.ts'

/** The ConfigMaps as they are in the cluster. */
export interface LedgerSource {
  readonly place: LedgerPlace
  readonly store: Store<Shard>
  readonly log: Pick<Log, 'warn'>
}

/**
 * All grants, as the ConfigMaps have them and as this process has changed them since. Without ConfigMaps they are kept in
 * memory only.
 */
export class Ledger implements Grants {
  readonly #source: LedgerSource | null
  readonly #states: readonly ShardState[]
  readonly #byUid = new Map<string, NodeGrants>()
  /** By `claimKey` and `keyClaim`, and by Node as `node/<name>`. */
  readonly #uids = new Multimap<string>()
  /** Changed here, and not written yet. */
  readonly #ahead = new Set<string>()
  readonly #dirty = new Set<number>()
  readonly #listeners: ((index: number) => void)[] = []

  constructor(source: LedgerSource | null) {
    this.#source = source
    const names = shardNames(source?.place ?? { namespace: '', name: 'ledger' })
    this.#states = names.map((name) => ({ name, ...unread(), uids: new Set() }))
    if (source === null) return
    for (const shard of source.store.values()) this.read(shard)
    source.store.subscribe(({ key, after }) => {
      const name = key.slice(key.indexOf('/') + 1)
      if (after === undefined) this.lose(name)
      else this.read(after)
    })
  }

  of(uid: string): NodeGrants | undefined {
    return this.#byUid.get(uid)
  }

  having(claim: string): readonly NodeGrants[] {
    return [...this.#uids.get(claim)].flatMap((uid) => this.#byUid.get(uid) ?? [])
  }

  /** All records of Nodes of that name, the earlier ones too. */
  called(node: string): readonly NodeGrants[] {
    return this.having(nodeKey(node))
  }

  all(): Iterable<NodeGrants> {
    return this.#byUid.values()
  }

  /** Whether the ConfigMaps have been read once. */
  isRead(): boolean {
    return this.#source === null || this.#source.store.state().phase !== 'syncing'
  }

  incomplete(node: string): string | null {
    const problem = this.problemOf(shardOf(node))
    return (
      this.#unread() ??
      (problem === null ? null : `the ledger cannot be read for this Node: ${problem.because}`)
    )
  }

  incompleteAnywhere(): string | null {
    const problem = this.#states.map((_, index) => this.problemOf(index)).find((one) => one !== null)
    return (
      this.#unread() ??
      (problem === undefined ? null : `the ledger cannot be read as a whole: ${problem.because}`)
    )
  }

  since(node: string): number {
    const index = shardOf(node)
    return this.problemOf(index) === null ? this.stateOf(index).since : Infinity
  }

  #unread(): string | null {
    return this.#source === null || this.isRead() ? null : distrust(this.#source.store, 0)
  }

  releasedAt(claim: string): number {
    const times = this.#states.flatMap(({ released }) => released.filter((one) => one.claim === claim))
    return Math.max(-Infinity, ...times.map(({ at }) => at))
  }

  /** Why a ConfigMap cannot be read, null if it can or is absent. */
  problemOf(index: number): ShardState['problem'] {
    const state = this.stateOf(index)
    if (state.problem !== null || this.#source === null) return state.problem
    const { place, store } = this.#source
    const isUnreadable = store.isUnreadable(`${place.namespace}/${state.name}`)
    // What is in it is not known, so it counts as a newer version: it is never overwritten.
    return isUnreadable
      ? { kind: 'newer', because: `ConfigMap ${state.name} is no ConfigMap or too large` }
      : null
  }

  /** Calls `listener` with the number of a shard that is gone, or that can be read again. */
  onRead(listener: (index: number) => void): void {
    this.#listeners.push(listener)
  }

  /** A ConfigMap as it is in the cluster. What was changed here and not written stays, unless it is newer there. */
  read(shard: Shard): void {
    const index = this.#states.findIndex(({ name }) => name === shard.name)
    const state = this.#states[index]
    // What this process wrote is known before the watch shows it.
    if (state === undefined || isOlder(shard.resourceVersion, state.resourceVersion ?? '')) return
    state.resourceVersion = shard.resourceVersion
    state.release = shard.release
    state.isApplied = false
    const { reading } = shard
    const healed = state.problem !== null && reading.kind === 'whole'
    if (reading.kind !== 'whole') {
      const where = `ConfigMap ${shard.name}, data.nodes: ${reading.because}`
      state.problem = { kind: reading.kind, because: where }
      this.#source?.log.warn({ problem: where }, 'a ConfigMap of the ledger cannot be read')
      if (reading.kind === 'garbled' && state.wasWhole) this.#dirty.add(index)
      return
    }
    state.problem = null
    state.wasWhole = true
    state.released = reading.released
    this.#replace(state, reading.nodes)
    if (healed) this.#tell(index)
  }

  /** A ConfigMap was deleted: what was in it is forgotten. */
  lose(name: string): void {
    const index = this.#states.findIndex((state) => state.name === name)
    const state = this.#states[index]
    if (state === undefined) return
    for (const uid of state.uids) this.#unset(uid)
    Object.assign(state, unread())
    this.#dirty.delete(index)
    this.#tell(index)
  }

  put(grants: NodeGrants): void {
    if (this.#byUid.get(grants.uid) === grants) return
    this.#set(grants)
    this.#ahead.add(grants.uid)
    this.#dirty.add(shardOf(grants.node))
  }

  remove({ uid, node }: NodeGrants): void {
    if (!this.#byUid.has(uid)) return
    this.#unset(uid)
    this.#dirty.add(shardOf(node))
  }

  stateOf(index: number): Readonly<ShardState> {
    const state = this.#states[index]
    if (state === undefined) throw new Error(`there is no shard ${index}`)
    return state
  }

  /** The shards that differ from their ConfigMaps. */
  dirty(): ReadonlySet<number> {
    return this.#dirty
  }

  content(index: number): ShardContent {
    const { uids, released } = this.stateOf(index)
    return { nodes: [...uids].flatMap((uid) => this.#byUid.get(uid) ?? []), released }
  }

  /** The operator's release of one shard was applied. */
  release(index: number, released: readonly Released[]): void {
    const state = this.#states[index]
    if (state === undefined) return
    state.released = released
    state.isApplied = true
    this.#dirty.add(index)
  }

  /** `content` is in the ConfigMap now. */
  written(index: number, { nodes }: ShardContent, resourceVersion: string): void {
    const state = this.#states[index]
    if (state === undefined) return
    const healed = state.problem !== null
    Object.assign(state, { resourceVersion, problem: null, wasWhole: true, release: '', isApplied: false })
    for (const grants of nodes) if (this.#byUid.get(grants.uid) === grants) this.#ahead.delete(grants.uid)
    const written = new Set(nodes)
    const now = this.content(index).nodes
    if (now.length === nodes.length && now.every((one) => written.has(one))) this.#dirty.delete(index)
    if (healed) this.#tell(index)
  }

  /** Another replica writes: what it writes counts, and not what was changed here. */
  follow(): void {
    this.#ahead.clear()
    this.#dirty.clear()
  }

  size(): LedgerSize {
    const unreadable = this.#states.filter((_, index) => this.problemOf(index) !== null).length
    return { nodes: this.#byUid.size, unproven: unprovenIn(this.all()), unreadable }
  }

  #replace(state: ShardState, nodes: readonly NodeGrants[]): void {
    const there = new Map(nodes.map((grants) => [grants.uid, grants]))
    for (const uid of state.uids) if (!there.has(uid) && !this.#ahead.has(uid)) this.#unset(uid)
    for (const grants of nodes) {
      const here = this.#ahead.has(grants.uid) ? this.#byUid.get(grants.uid) : undefined
      if (here !== undefined && here.last.approvedAt >= grants.last.approvedAt) continue
      this.#set(grants)
      this.#ahead.delete(grants.uid)
    }
  }

  #set(grants: NodeGrants): void {
    this.#unindex(grants.uid)
    this.#byUid.set(grants.uid, grants)
    for (const key of keysOf(grants)) this.#uids.add(key, grants.uid)
    const state = this.#states[shardOf(grants.node)]
    if (state === undefined) return
    state.uids.add(grants.uid)
    state.since = Math.min(state.since, ...grants.values.map(({ heldAt }) => heldAt))
  }

  #unset(uid: string): void {
    this.#unindex(uid)
    const grants = this.#byUid.get(uid)
    if (grants !== undefined) this.#states[shardOf(grants.node)]?.uids.delete(uid)
    this.#byUid.delete(uid)
    this.#ahead.delete(uid)
  }

  #unindex(uid: string): void {
    const grants = this.#byUid.get(uid)
    for (const key of grants === undefined ? [] : keysOf(grants)) this.#uids.delete(key, uid)
  }

  #tell(index: number): void {
    for (const listener of this.#listeners) listener(index)
  }
}
