import { defaultLimits, type Limits } from '../../policies/limits.ts'
import { nodeName } from '../../policies/node-name.ts'
import { addresses, dnsNames, foldCase } from '../../policies/request.ts'
import type { Rules } from '../../policies/rules.ts'
import type {
  Address,
  Claim,
  ClusterFacts,
  CsrObject,
  Facts,
  Holding,
  Known,
  NodeFacts,
  ParsedRequest,
  Probes,
} from '../../policies/types.ts'
import type { Asked, CsrReading, JudgeInput, Resolver, Store, Truth } from '../ports.ts'
import { Arrivals } from './arrivals.ts'
import { Claims, type Value } from './claims.ts'
import { Holdings } from './holdings.ts'
import { Looks, type LooksDependencies } from './looks.ts'
import type { Grants } from './grants.ts'
import type { Reservations } from './reservations.ts'
import { ReservedSet, type ReservedSetDependencies } from './reserved.ts'
import { distrust, known, MAX_AGE_MS, NODES_MAX_AGE_MS } from './freshness.ts'
import type { ReadUnverified, StoredCsr } from './stored-csr.ts'
import { StoredRequests } from './stored-requests.ts'

/** What facts are drawn from. */
interface FactCacheDependencies extends ReservedSetDependencies, LooksDependencies {
  readonly nodes: Store<NodeFacts>
  readonly csrs: Store<StoredCsr>
  /** What was granted, also after the CSRs are gone. */
  readonly ledger: Grants
  /** Null or absent where nobody asks DNS for names. */
  readonly resolver?: Resolver | null | undefined
  readonly limits?: Limits
  /** Milliseconds since the epoch by the API server's clock. */
  readonly now: () => number
}

const LATER: Probes = Object.freeze({ kind: 'later' })
const NO_TRUTH: Truth = { vouched: () => [], ask: async () => false }

export interface Gathering {
  /** How old the picture of the Nodes may be. */
  readonly nodesMaxAgeMs: number
  /** The pool of the policy that the requester is in. */
  readonly pool: string | null
}

/** What is known of the cluster. {@link gather} draws what concerns one request from memory: it asks nobody and waits for nothing. */
export class FactCache {
  readonly #dependencies: FactCacheDependencies
  readonly #claims: Claims
  readonly #stored: StoredRequests
  readonly #arrivals: Arrivals
  readonly #holdings: Holdings
  readonly #looks: Looks
  readonly #reserved: ReservedSet
  readonly #truth: Truth
  readonly #listeners: ((facts: Facts, rules: Rules) => void)[] = []

  constructor(dependencies: FactCacheDependencies, read: ReadUnverified, truth: Truth = NO_TRUTH) {
    this.#dependencies = dependencies
    this.#truth = truth
    this.#claims = new Claims(dependencies.nodes)
    this.#stored = new StoredRequests(dependencies.csrs, read)
    this.#arrivals = new Arrivals({
      nodes: dependencies.nodes,
      look: (node, reported) => this.#looks.lookAtNew(node, reported),
      grantsSince: (node) => dependencies.ledger.since(node),
      now: dependencies.now,
      limits: dependencies.limits ?? defaultLimits,
    })
    this.#holdings = new Holdings({
      ...dependencies,
      claims: this.#claims,
      arrivals: this.#arrivals,
      stored: this.#stored,
    })
    this.#looks = new Looks(dependencies, this.#holdings)
    this.#reserved = new ReservedSet(dependencies)
  }

  /** {@link Looks.unseen} */
  unseen(asked: readonly Address[], pool: string | null): Address[] {
    return this.#looks.unseen(asked, pool)
  }

  /** {@link Looks.dial} */
  async dial(asked: readonly Address[], pool: string | null, signal: AbortSignal): Promise<void> {
    await this.#looks.dial(asked, pool, signal)
  }

  /** Of the names, those that were not looked up a moment ago; empty where nobody asks DNS. */
  unresolved(names: readonly string[]): string[] {
    const { resolver } = this.#dependencies
    return resolver ? names.filter((name) => resolver.answer(name) === undefined) : []
  }

  async lookUp(names: readonly string[]): Promise<void> {
    await this.#dependencies.resolver?.lookUp(names)
  }

  #lookups(request: ParsedRequest): ClusterFacts['lookups'] {
    const { resolver } = this.#dependencies
    if (!resolver) return null
    return dnsNames(request).flatMap((asked) => {
      const name = foldCase(asked)
      const leadsTo = resolver.answer(name)
      return leadsTo === undefined ? [] : [{ name, leadsTo }]
    })
  }

  gather(
    { csr, purpose }: Pick<JudgeInput, 'csr' | 'purpose'>,
    request: ParsedRequest,
    { nodesMaxAgeMs, pool }: Gathering,
  ): ClusterFacts {
    const { nodes, csrs } = this.#dependencies
    const own = nodeName(csr.requester.username) ?? ''
    const ofNodes = <T>(draw: () => T) => known(nodes, nodesMaxAgeMs, draw)
    const ofCsrs = <T>(draw: () => T) => known(csrs, MAX_AGE_MS, draw)
    const claims = ofNodes(() => this.#rivals(request, own))
    const holdings = ofCsrs(() => this.#holdings.others(request, own))
    return {
      node: this.node(own, nodesMaxAgeMs),
      claims,
      holdings,
      own: ofCsrs(() => this.#holdings.own(request, own)),
      probes: purpose === 'admit' ? LATER : this.#looks.probes(request, pool),
      lookups: purpose === 'admit' ? null : this.#lookups(request),
      newerPending: ofCsrs(() => this.#stored.newerPending(csr)),
      approvals: ofCsrs(() => this.#stored.approvals(csr)),
      sameKey: ofCsrs(() => this.#stored.sameKey(csr, request) ?? this.#holdings.sameKey(csr, request)),
      reserved: this.reserved(),
      vouched: this.#truth.vouched(this.#asked(csr, request)),
    }
  }

  /** Asks the sources of truth that are not watched. Resolves to whether gathering again may tell more. */
  async ask({ csr }: CsrReading, request: ParsedRequest): Promise<boolean> {
    return await this.#truth.ask(this.#asked(csr, request))
  }

  #asked({ requester }: CsrObject, request: ParsedRequest): Asked {
    const name = nodeName(requester.username) ?? ''
    const node = this.#dependencies.nodes.get(name) ?? { name }
    return { node, names: dnsNames(request).map(foldCase), addresses: addresses(request) }
  }

  #rivals(request: ParsedRequest, own: string): Claim[] {
    const rivals = this.#claims.rivals(request, own)
    return rivals.map(({ kind, value, node }) => ({
      kind,
      value,
      node: node.name,
      controlPlane: node.controlPlane,
      served: this.#holdings.isServed(node),
      precedence: kind === 'iPAddress' ? this.#arrivals.precedence(node, value) : 0,
    }))
  }

  /** What belongs to the cluster, and to no Node. */
  reserved(): Known<Reservations> {
    return this.#reserved.now()
  }

  /** All that hold a name or address now. */
  holders(value: Value): Holding[] {
    return this.#holdings.of(value)
  }

  /** The Node of that name, null if there is none. */
  node(name: string, maxAgeMs: number): Known<NodeFacts | null> {
    const { nodes } = this.#dependencies
    if (nodes.isUnreadable(name)) return { known: false, because: `the Node ${name} cannot be read` }
    return known(nodes, maxAgeMs, () => nodes.get(name) ?? null)
  }

  /** This process approved a CSR, or may have: decisions count it from now on, before the watch shows it. */
  noteApproval(facts: Facts, rules: Rules): void {
    this.#stored.noteApproval(facts)
    for (const listener of this.#listeners) listener(facts, rules)
  }

  /** Calls `listener` with the facts and rules of each approval by this process. */
  onApproval(listener: (facts: Facts, rules: Rules) => void): void {
    this.#listeners.push(listener)
  }

  /** Why nothing can be decided now, null when everything is known. */
  problem(): string | null {
    const { nodes, csrs } = this.#dependencies
    return distrust(nodes, NODES_MAX_AGE_MS) ?? distrust(csrs, MAX_AGE_MS) ?? this.#reserved.problem()
  }

  /** Has whatever is out of date read again, once for all who ask. Resolves when that succeeded or failed. */
  async refresh(): Promise<void> {
    await Promise.all(this.#stores().map(([store, maxAgeMs]) => store.refresh(maxAgeMs)))
  }

  #stores(): readonly (readonly [Store<unknown>, number])[] {
    const { nodes, csrs, reservations } = this.#dependencies
    const others = [csrs, ...reservations()].map((store) => [store, MAX_AGE_MS] as const)
    return [[nodes, NODES_MAX_AGE_MS], ...others]
  }
}
