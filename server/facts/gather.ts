import { nodeName } from '../../policies/node-name.ts'
import type { ClusterFacts, Known, NodeFacts, ParsedRequest } from '../../policies/types.ts'
import type { Api, JudgeInput } from '../ports.ts'
import { Claims } from './claims.ts'
import { ReservedSet } from './reserved.ts'
import { FRESH_MS, known, SILENT_MAX_MS, type Sources } from './sources.ts'
import { selectNode } from './nodes.ts'
import { StoredRequests, type ReadUnverified } from './stored-requests.ts'

/** After this time the Node counts as unknown. The webhook has 3 s in total. */
const NODE_READ_TIMEOUT_MS = 2_000

/** How current the requester's Node must be. `live`: read from the API server, unless its watch was active within 5 s. */
export type Freshness = 'watched' | 'live'

/** Gathers the cluster's facts about a request. All of them come from the stores, except a live read of the Node. */
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

  async gather(subject: JudgeInput, request: ParsedRequest, freshness: Freshness): Promise<ClusterFacts> {
    const own = nodeName(subject.csr.requester.username) ?? ''
    const node = await this.#node(own, freshness, subject.signal)
    const claims = known(this.#sources.nodes, () => this.#claims.rivals(request, own))
    const holdings = known(this.#sources.csrs, () =>
      claims.known ? this.#stored.holdings(claims.value) : [],
    )
    const newerPending = known(this.#sources.csrs, () => this.#stored.newerPending(subject.csr))
    return { node, claims, holdings, newerPending, reserved: this.#reserved.now() }
  }

  /** Whether the stored Nodes are as current as a live read. */
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
    const answer = await this.#api.call(signal === undefined ? call : { ...call, signal })
    if (!answer.ok && answer.status === 404) return { known: true, value: null }
    if (!answer.ok)
      return { known: false, because: `the Node could not be read: ${answer.status} ${answer.reason}` }
    const node = selectNode(answer.object)
    return node === undefined
      ? { known: false, because: 'the Node object is not valid' }
      : { known: true, value: node }
  }
}
