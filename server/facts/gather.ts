import { nodeName } from '../../policies/node-name.ts'
import { addresses, dnsNames, foldCase } from '../../policies/request.ts'
import type { ClusterFacts, CsrObject, Facts, Known, NodeFacts, ParsedRequest } from '../../policies/types.ts'
import type { Asked, CsrReading, Picture, Store, Truth } from '../ports.ts'
import { Claims } from './claims.ts'
import { ReservedSet } from './reserved.ts'
import { distrust, known, MAX_AGE_MS, NODES_MAX_AGE_MS, type Sources } from './sources.ts'
import type { ReadUnverified } from './stored-csr.ts'
import { StoredRequests } from './stored-requests.ts'

const NO_TRUTH: Truth = { vouched: () => [], ask: async () => false }

/** Gathers what the cluster says of one request. Everything is in stores, so gathering asks nobody and waits for nothing; {@link ask} comes before it. */
export class ClusterGatherer implements Picture {
  readonly #sources: Sources
  readonly #claims: Claims
  readonly #stored: StoredRequests
  readonly #reserved: ReservedSet
  readonly #truth: Truth

  constructor(sources: Sources, read: ReadUnverified, truth: Truth = NO_TRUTH) {
    this.#sources = sources
    this.#truth = truth
    this.#claims = new Claims(sources.nodes)
    this.#stored = new StoredRequests(sources.csrs, read)
    this.#reserved = new ReservedSet(sources)
  }

  /** @param nodesMaxAgeMs how old the picture of the Nodes may be */
  gather({ csr }: CsrReading, request: ParsedRequest, nodesMaxAgeMs: number): ClusterFacts {
    const { nodes, csrs } = this.#sources
    const own = nodeName(csr.requester.username) ?? ''
    const claims = known(nodes, nodesMaxAgeMs, () => this.#claims.rivals(request, own))
    const holdings = known(csrs, MAX_AGE_MS, () => (claims.known ? this.#stored.holdings(claims.value) : []))
    const newerPending = known(csrs, MAX_AGE_MS, () => this.#stored.newerPending(csr))
    const approvals = known(csrs, MAX_AGE_MS, () => this.#stored.approvals(csr))
    const sameKey = known(csrs, MAX_AGE_MS, () => this.#stored.sameKey(csr, request))
    return {
      node: this.node(own, nodesMaxAgeMs),
      claims,
      holdings,
      newerPending,
      approvals,
      sameKey,
      reserved: this.#reserved.now(),
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

  /** The Node of that name, null if there is none. */
  node(name: string, maxAgeMs: number): Known<NodeFacts | null> {
    const { nodes } = this.#sources
    if (nodes.isUnreadable(name)) return { known: false, because: `the Node ${name} cannot be read` }
    return known(nodes, maxAgeMs, () => nodes.get(name) ?? null)
  }

  noteApproval(facts: Facts): void {
    this.#stored.noteApproval(facts)
  }

  problem(): string | null {
    for (const [store, maxAgeMs] of this.#stores()) {
      const because = distrust(store, maxAgeMs)
      if (because !== null) return because
    }
    const reserved = this.#reserved.now()
    return reserved.known ? null : reserved.because
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
