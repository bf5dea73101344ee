/** The doors through which the model touches the product: its judge, its ledger and its prober. Nothing else of the model imports them. */
import { setImmediate as otherWork } from 'node:timers/promises'
import type { Limits } from '../../policies/limits.ts'
import type { Rules } from '../../policies/rules.ts'
import type {
  Address,
  CsrObject,
  Facts,
  NodeFacts,
  ParsedRequest,
  Sight,
  Vouching,
} from '../../policies/types.ts'
import { FactCache } from '../../server/facts/fact-cache.ts'
import type { NodeGrants } from '../../server/facts/grants.ts'
import type { Reservations } from '../../server/facts/reservations.ts'
import { FakeStore } from '../../server/facts/store.fixture.ts'
import type { StoredCsr } from '../../server/facts/stored-csr.ts'
import { createJudge } from '../../server/judge.ts'
import { provenIn } from '../../server/ledger/keys.ts'
import { Ledger } from '../../server/ledger/ledger.ts'
import { LedgerReconciler } from '../../server/ledger/reconciler.ts'
import { formatShard, parseShard } from '../../server/ledger/shard-text.ts'
import type { Judge, Judgement, Prober, Resolver, Truth } from '../../server/ports.ts'
import { KubeletProber } from '../../server/probe/prober.ts'
import { Reach } from '../../server/probe/reach.ts'
import { type ConfigMaps, place } from './config-maps.ts'

/** What the product is given, and the model makes up. */
export interface Outside {
  readonly nodes: FakeStore<NodeFacts>
  readonly csrs: FakeStore<StoredCsr>
  readonly maps: ConfigMaps
  readonly rules: Rules
  readonly limits: Limits
  /** Milliseconds, for both clocks. */
  readonly now: () => number
  readonly dial: (address: Address) => Sight
  /** Where a name leads in DNS. */
  readonly leadsTo: (name: string) => readonly Address[]
  /** What the source of truth says is a Node’s: names, and addresses. */
  readonly vouched: (node: string) => Pick<Vouching, 'names' | 'addresses'>
}

/** One controller that leads, from its start to its end. */
export class Product {
  readonly #rules: Rules
  readonly #ledger: Ledger
  readonly #facts: FactCache
  readonly #reconciler: LedgerReconciler
  readonly #prober: KubeletProber
  readonly #judge: Judge
  #request: ParsedRequest | undefined
  #isAlive = true

  constructor(outside: Outside) {
    this.#rules = outside.rules
    this.#ledger = new Ledger({ place, store: outside.maps.store, log })
    this.#prober = proberOf(outside)
    this.#facts = factsOf(outside, this.#ledger, lookingWith(this.#prober, this.#ledger, outside))
    this.#reconciler = reconcilerOf(outside, this.#ledger, () => this.#isAlive)
    this.#facts.onApproval((facts, rules) => this.#reconciler.noteApproval(facts, rules))
    this.#judge = createJudge({
      facts: this.#facts,
      newNodes: { deadline: () => 0, next: async () => false },
      parsed: { read: () => this.#request ?? unread, keep: nothing },
      clock: { serverNow: outside.now, monotonic: outside.now },
      log,
    })
  }

  async judge(csr: CsrObject, request: ParsedRequest): Promise<Judgement> {
    this.#request = request
    return await this.#judge({ purpose: 'approve', csr, caller: null, request: '' }, this.#rules)
  }

  /** The approval was written. */
  noteApproval(facts: Facts): void {
    this.#facts.noteApproval(facts, this.#rules)
  }

  /** The ledger takes in what has changed, and is written as far as it can be. */
  async keep(): Promise<void> {
    for (let turn = 0; turn < TURNS_MAX; turn += 1) {
      await this.#reconciler.turn()
      if (this.#ledger.dirty().size === 0) return
    }
  }

  /** All that the ledger knows. */
  grants(): Iterable<NodeGrants> {
    return this.#ledger.all()
  }

  /** The ConfigMaps that differ from what the ledger knows, by their text as it would be written. */
  unwritten(): readonly string[] {
    return [...this.#ledger.dirty()].map((index) => formatShard(this.#ledger.content(index)))
  }

  /** What was reported a moment ago has been looked at. */
  async looked(): Promise<void> {
    await otherWork()
  }

  /** As a process that is killed: it writes nothing more. */
  async stop(): Promise<void> {
    this.#isAlive = false
    await this.#prober.stop()
    await this.#reconciler.stop()
  }
}

/** The Nodes in one ConfigMap; none if it cannot be read. */
export function recordsIn(text: string): readonly NodeGrants[] {
  const reading = parseShard(text)
  return reading.kind === 'whole' ? reading.nodes : []
}

/** As many as a small world has Nodes, and one more. */
const TURNS_MAX = 5
const nothing = (): void => undefined
const log = { debug: nothing, info: nothing, warn: nothing, error: fail }
const unread = { readable: false, code: 'NotRead', at: 0, message: '' } as const

/** The product logs an error where it caught a bug. */
function fail(fields: object, message: string): never {
  throw new Error(message, { cause: fields })
}

function proberOf({ dial, limits, now }: Outside): KubeletProber {
  return new KubeletProber({
    port: 10_250,
    dial: async (address) => dial(address),
    mayDial: () => true,
    recorder: { probed: nothing, probesFrom: nothing },
    log,
    now,
    limits: limits.probe,
  })
}

/** All Nodes are of one pool, and the sample is the first of them. */
function lookingWith(prober: KubeletProber, ledger: Ledger, { limits, now }: Outside): Prober {
  const reach = new Reach({
    prober,
    proven: () => provenIn(ledger.all()),
    mayDial: () => true,
    poolOf: () => null,
    now,
    random: () => 0,
    limits: limits.probe,
  })
  return {
    probe: async (addresses) => await prober.probe(addresses),
    result: (address) => prober.result(address),
    network: (family, pool) => reach.network(family, pool),
    lookAtNetwork: async (family, pool) => await reach.look(family, pool),
  }
}

/** Names are looked up again by the next controller: DNS does not change here. */
function resolverOf({ leadsTo }: Outside): Resolver {
  const lookedUp = new Set<string>()
  return {
    async lookUp(names) {
      for (const name of names) lookedUp.add(name)
    },
    answer: (name) => (lookedUp.has(name) ? { known: true, value: leadsTo(name) } : undefined),
  }
}

function factsOf(outside: Outside, ledger: Ledger, prober: Prober): FactCache {
  const { nodes, csrs, now, limits } = outside
  const services = new FakeStore<Reservations>({
    kubernetes: [{ kind: 'prefix', value: '0a600000/16', origin: 'the Service range', apiServer: false }],
  })
  const apiServer = { host: '10.9.0.1', certificateNames: ['kubernetes'], certificateAddresses: [] }
  return new FactCache(
    {
      nodes,
      csrs,
      reservations: () => [services],
      serviceAddresses: () => services,
      apiServer: () => apiServer,
      ledger,
      prober,
      resolver: resolverOf(outside),
      now,
      limits,
    },
    () => unread,
    truthOf(outside),
  )
}

/** One source, which is asked where the policy of a world names it. */
function truthOf({ vouched }: Outside): Truth {
  return {
    vouched: ({ node }) => [
      { source: 'inventory', vouches: { known: true, value: { ...vouched(node.name), says: '' } } },
    ],
    ask: async () => false,
  }
}

function reconcilerOf(outside: Outside, ledger: Ledger, isLeader: () => boolean): LedgerReconciler {
  const { nodes, csrs, maps, rules, now, limits } = outside
  return new LedgerReconciler({
    ledger,
    place,
    nodes,
    csrs,
    rules: () => rules,
    api: maps,
    clock: { serverNow: now, monotonic: now },
    log,
    isLeader,
    mayWrite: () => !maps.areWritesHeld,
    isInformed: () => true,
    busy: () => false,
    wrote: nothing,
    tellReleased: nothing,
    limits,
  })
}
