import { nodeName } from '../../policies/node-name.ts'
import type { ClusterFacts, Known, NodeFacts, ParsedRequest } from '../../policies/types.ts'
import type { Api, Subject } from '../ports.ts'
import { Claims } from './claims.ts'
import { FRESH_MS, known, SILENT_MAX_MS } from './freshness.ts'
import { selectNode } from './nodes.ts'
import { ReservedSet, type Sources } from './sources.ts'
import { StoredRequests, type ReadUnverified } from './stored-requests.ts'

/** A Node that does not answer within this is an unknown; the webhook has 3 s in all. */
const NODE_READ_TIMEOUT_MS = 2_000

/** How current the requester's Node must be: as the watch has it, or read live unless the watch spoke within 5 s. */
export type Freshness = 'watched' | 'live'

/** Gathers what the cluster says of one request. All look-ups but the Node's own are in watched copies. */
export class ClusterGatherer {
  readonly #sources: Sources
  readonly #api: Api
  readonly #claims: Claims
  readonly #stored: StoredRequests
  readonly #reserved: ReservedSet

  constructor(sources: Sources, api: Api, read: ReadUnverified) {
    this.#sources = sources
    this.#api = api
    this.#claims = new Claims(sources.nodes)
    this.#stored = new StoredRequests(sources.csrs, read)
    this.#reserved = new ReservedSet(sources)
  }

  async gather(subject: Subject, request: ParsedRequest, freshness: Freshness): Promise<ClusterFacts> {
    const own = nodeName(subject.csr.requester.username) ?? ''
    const node = await this.#node(own, freshness, subject.signal)
    const claims = known(this.#sources.nodes, 'Nodes', () => this.#claims.rivals(request, own))
    const holdings = known(this.#sources.csrs, 'CSRs', () =>
      claims.known ? this.#stored.holdings(claims.value) : [],
    )
    const newerPending = known(this.#sources.csrs, 'CSRs', () => this.#stored.newerPending(subject.csr))
    return { node, claims, holdings, newerPending, reserved: this.#reserved.now() }
  }

  /** Whether the watched copy of a Node is as good as one read now. */
  isCurrent(): boolean {
    return this.#watchSpokeWithin(FRESH_MS)
  }

  async #node(
    name: string,
    freshness: Freshness,
    signal: AbortSignal | undefined,
  ): Promise<Known<NodeFacts | null>> {
    const watched = this.#sources.nodes.get(name)
    const within = freshness === 'live' ? FRESH_MS : SILENT_MAX_MS
    if (watched !== undefined && this.#watchSpokeWithin(within)) return { known: true, value: watched }
    return this.#readNode(name, signal)
  }

  #watchSpokeWithin(ms: number): boolean {
    const { phase, silentMs } = this.#sources.nodes.state()
    return phase === 'live' && silentMs <= ms
  }

  async #readNode(name: string, signal: AbortSignal | undefined): Promise<Known<NodeFacts | null>> {
    const call = {
      method: 'GET',
      path: `/api/v1/nodes/${encodeURIComponent(name)}`,
      timeoutMs: NODE_READ_TIMEOUT_MS,
    } as const
    const answer = await this.#api.request(signal === undefined ? call : { ...call, signal })
    if (!answer.ok && answer.status === 404) return { known: true, value: null }
    if (!answer.ok)
      return { known: false, because: `the Node could not be read: ${answer.status} ${answer.reason}` }
    const node = selectNode(answer.object)
    return node === undefined
      ? { known: false, because: 'the Node could not be understood' }
      : { known: true, value: node }
  }
}
