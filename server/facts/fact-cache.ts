import { familyOf } from '../../policies/address.ts'
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
  Probe,
  ProbeResult,
  Probes,
  Sight,
} from '../../policies/types.ts'
import type { Asked, CsrReading, JudgeInput, Prober, Store, Truth } from '../ports.ts'
import { Arrivals } from './arrivals.ts'
import { Claims, keyClaim, type Value } from './claims.ts'
import { Holdings } from './holdings.ts'
import type { Grants } from './grants.ts'
import type { Reservations } from './reservations.ts'
import { ReservedSet, type ReservedSetDependencies } from './reserved.ts'
import { distrust, known, MAX_AGE_MS, NODES_MAX_AGE_MS } from './freshness.ts'
import type { ReadUnverified, StoredCsr } from './stored-csr.ts'
import { StoredRequests } from './stored-requests.ts'

/** What facts are drawn from. */
interface FactCacheDependencies extends ReservedSetDependencies {
  readonly nodes: Store<NodeFacts>
  readonly csrs: Store<StoredCsr>
  /** What was granted, also after the CSRs are gone. */
  readonly ledger: Grants
  /** Null where nobody dials. */
  readonly prober: Prober | null
  /** Whether the policy has the addresses of a Node dialled. Default: of every Node. */
  readonly dials?: (node: string) => boolean
  /** Whether who judges stands elsewhere than the controller: what nobody looks at, or is silent, may answer the controller. */
  readonly elsewhere?: boolean
  readonly limits?: Limits
  /** Milliseconds since the epoch by the API server's clock. */
  readonly now: () => number
}

const LATER: Probes = Object.freeze({ are: 'later' })
const FAMILIES = ['IPv4', 'IPv6'] as const
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
      look: (node, reported) => this.#look(node, reported),
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
    this.#reserved = new ReservedSet(dependencies)
  }

  /** Of the addresses, those of which a look may tell more; empty where nobody dials. */
  unseen(asked: readonly Address[], pool: string | null): Address[] {
    const { prober } = this.#dependencies
    if (prober === null) return []
    return asked.filter((address) => {
      const result = prober.result(address)
      return (
        result === undefined ||
        (!this.#isKubelet(result) && prober.network(familyOf(address), pool) === undefined)
      )
    })
  }

  /** Has addresses dialled and, if no kubelet answers there, others that show whether the network works. */
  async dial(asked: readonly Address[], pool: string | null, signal: AbortSignal): Promise<void> {
    const { prober } = this.#dependencies
    if (prober === null) return
    await prober.probe(asked, signal)
    const others = asked.filter((address) => !this.#isKubelet(prober.result(address)))
    const families = new Set(others.map(familyOf))
    await Promise.all([...families].map((family) => prober.lookAtNetwork(family, pool, signal)))
  }

  async #look(
    node: string,
    reported: readonly Address[],
  ): Promise<(address: Address) => Sight['saw'] | undefined> {
    const { prober, dials = () => true } = this.#dependencies
    if (dials(node)) await prober?.probe(reported)
    return (address) => prober?.result(address)?.saw
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
      probes: purpose === 'admit' ? LATER : this.#probes(request, pool),
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

  #probes(request: ParsedRequest, pool: string | null): Probes {
    const { prober, elsewhere = false } = this.#dependencies
    if (prober === null) return elsewhere ? { are: 'none', because: 'nobody dials' } : { are: 'off' }
    const results = addresses(request).flatMap((address) => {
      const result = prober.result(address)
      const counts =
        !elsewhere || this.#isKubelet(result) || prober.network(familyOf(address), pool) === 'works'
      return result === undefined || !counts ? [] : [{ address, result, ...this.#ownerOf(result) }]
    })
    const network = FAMILIES.map((family) => [family, prober.network(family, pool)] as const)
    return {
      are: 'here',
      results,
      network: Object.fromEntries(network.filter(([, works]) => works !== undefined)),
      ...(elsewhere && { because: 'nothing shows that kubelets are reached from here' }),
    }
  }

  #ownerOf(result: ProbeResult): Pick<Probe, 'grantedTo' | 'ownerGoneMs'> {
    if (result.saw !== 'certificate') return { grantedTo: null, ownerGoneMs: 0 }
    const grantedTo = this.#holdings.ownerOf(keyClaim(result))
    return { grantedTo, ownerGoneMs: this.#holdings.goneMs(grantedTo ?? result.node ?? '') }
  }

  /** Whether the kubelet of a Node answered; silence and any other server say as little. */
  #isKubelet(result: ProbeResult | undefined): boolean {
    if (result?.saw !== 'certificate') return result?.saw === 'noCertificate'
    return (this.#ownerOf(result).grantedTo ?? result.node) !== null
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
