import { nodeName } from '../../policies/node-name.ts'
import { addresses, dnsNames, foldCase } from '../../policies/request.ts'
import type { Rules } from '../../policies/rules.ts'
import type {
  Claim,
  ClusterFacts,
  CsrObject,
  Facts,
  Holding,
  Known,
  NodeFacts,
  ParsedRequest,
  ProbeResult,
  Probes,
} from '../../policies/types.ts'
import type { Asked, CsrReading, JudgeInput, Picture, Prober, Store, Truth } from '../ports.ts'
import { Claims, keyClaim, type Value } from './claims.ts'
import { Holdings } from './holdings.ts'
import type { Reservations } from './reservations.ts'
import { ReservedSet } from './reserved.ts'
import { distrust, known, MAX_AGE_MS, NODES_MAX_AGE_MS, type Sources } from './sources.ts'
import type { ReadUnverified } from './stored-csr.ts'
import { StoredRequests } from './stored-requests.ts'

const LATER: Probes = Object.freeze({ are: 'later' })
const NO_TRUTH: Truth = { vouched: () => [], ask: async () => false }

/** Gathers what the cluster says of one request. Everything is in stores, so gathering asks nobody and waits for nothing; {@link ask} comes before it. */
export class ClusterGatherer implements Picture {
  readonly #sources: Sources
  readonly #claims: Claims
  readonly #stored: StoredRequests
  readonly #holdings: Holdings
  readonly #reserved: ReservedSet
  readonly #truth: Truth
  readonly #listeners: ((facts: Facts, rules: Rules) => void)[] = []

  constructor(sources: Sources, read: ReadUnverified, truth: Truth = NO_TRUTH) {
    this.#sources = sources
    this.#truth = truth
    this.#claims = new Claims(sources.nodes)
    this.#stored = new StoredRequests(sources.csrs, read)
    this.#holdings = new Holdings({ ...sources, claims: this.#claims, stored: this.#stored })
    this.#reserved = new ReservedSet(sources)
  }

  get prober(): Prober | null {
    return this.#sources.prober
  }

  /** @param nodesMaxAgeMs how old the picture of the Nodes may be */
  gather(
    { csr, purpose }: Pick<JudgeInput, 'csr' | 'purpose'>,
    request: ParsedRequest,
    nodesMaxAgeMs: number,
  ): ClusterFacts {
    const { nodes, csrs } = this.#sources
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
      probes: purpose === 'admit' ? LATER : this.#probes(request, holdings),
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
    const node = this.#sources.nodes.get(name) ?? { name }
    return { node, names: dnsNames(request).map(foldCase), addresses: addresses(request) }
  }

  #rivals(request: ParsedRequest, own: string): Claim[] {
    const rivals = this.#claims.rivals(request, own)
    return rivals.map((rival) => ({ ...rival, served: this.#holdings.isServed(rival.node) }))
  }

  /** What was seen at the addresses asked for, and where their holders live. */
  #probes(request: ParsedRequest, holdings: Known<readonly Holding[]>): Probes {
    const { prober } = this.#sources
    if (prober === null) return { are: 'none', because: 'nobody dials' }
    const because = prober.problem()
    if (because !== null) return { are: 'none', because }
    const living = holdings.known ? holdings.value.flatMap(({ elsewhere }) => elsewhere) : []
    const places = new Set([...addresses(request), ...living])
    const results = [...places].flatMap((address) => {
      const result = prober.result(address)
      return result === undefined ? [] : [{ address, result, grantedTo: this.#grantedTo(result) }]
    })
    return { are: 'here', results }
  }

  #grantedTo(result: ProbeResult): string | null {
    return result.saw === 'certificate' ? this.#holdings.ownerOf(keyClaim(result)) : null
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
    const { nodes } = this.#sources
    if (nodes.isUnreadable(name)) return { known: false, because: `the Node ${name} cannot be read` }
    return known(nodes, maxAgeMs, () => nodes.get(name) ?? null)
  }

  noteApproval(facts: Facts, rules: Rules): void {
    this.#stored.noteApproval(facts)
    for (const listener of this.#listeners) listener(facts, rules)
  }

  /** Calls `listener` with the facts and rules of each approval by this process. */
  onApproval(listener: (facts: Facts, rules: Rules) => void): void {
    this.#listeners.push(listener)
  }

  problem(): string | null {
    const { nodes, csrs } = this.#sources
    return distrust(nodes, NODES_MAX_AGE_MS) ?? distrust(csrs, MAX_AGE_MS) ?? this.#reserved.problem()
  }

  async refresh(): Promise<void> {
    await Promise.all(this.#stores().map(([store, maxAgeMs]) => store.refresh(maxAgeMs)))
  }

  #stores(): readonly (readonly [Store<unknown>, number])[] {
    const { nodes, csrs, reservations } = this.#sources
    const others = [csrs, ...reservations()].map((store) => [store, MAX_AGE_MS] as const)
    return [[nodes, NODES_MAX_AGE_MS], ...others]
  }
}
