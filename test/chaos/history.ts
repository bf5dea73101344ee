/** Every version of CSRs and Nodes that the API server stored, as an observer beside the product sees them. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '../kit/cluster.ts'
import { isObject } from '../kit/client.ts'
import { CSRS, metadataOf, standingOf, textOf } from '../kit/kubelet/csr.ts'
import type { JsonObject } from '../../server/ports.ts'

export interface Approval {
  readonly csr: string
  readonly user: string
  /** Of the version in which it was first approved. */
  readonly revision: number
  /** Of performance.now(). */
  readonly createdAt: number
  readonly at: number
  /** PEM; null until it is issued. */
  certificate: string | null
}

interface NodeVersion {
  readonly revision: number
  readonly reports: readonly string[]
}

const NODES = '/api/v1/nodes'
/** CSRs of other signers are not ours: who bears a bootstrap token asks for client certificates. */
const SERVING = 'kubernetes.io/kubelet-serving'
const AGAIN_MS = 200

export class History implements AsyncDisposable {
  readonly approvals = new Map<string, Approval>()
  readonly #nodes = new Map<string, NodeVersion[]>()
  readonly #created = new Map<string, number>()
  readonly #cluster: Cluster
  readonly #ending = new AbortController()
  readonly #following: Promise<unknown>

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    this.#following = Promise.all([
      this.#follow(CSRS, (csr) => this.#sawCsr(csr)),
      this.#follow(NODES, (node) => this.#sawNode(node)),
    ])
  }

  /** What the Node reported when the version `revision` of anything was stored; none where there was no Node. */
  reportedAt(node: string, revision: number): readonly string[] {
    const versions = this.#nodes.get(node) ?? []
    return versions.findLast((version) => version.revision <= revision)?.reports ?? []
  }

  async #follow(path: string, saw: (object: JsonObject) => void): Promise<void> {
    while (!this.#ending.signal.aborted) {
      try {
        const { status, body } = await this.#cluster.adminRequest('GET', path)
        if (status !== 200 || !Array.isArray(body['items'])) throw new Error(`${path}: ${status}`)
        for (const object of body['items'].filter(isObject)) saw(object)
        const { resourceVersion } = metadataOf(body)
        const look = (object: JsonObject): boolean => {
          saw(object)
          return false
        }
        const query = `watch=1&timeoutSeconds=600&resourceVersion=${resourceVersion}`
        await this.#cluster.admin.watch(`${path}?${query}`, look, this.#ending.signal)
      } catch {
        // The API server is away, or the version is no longer there: it is listed again.
        await sleep(AGAIN_MS)
      }
    }
  }

  #sawCsr(csr: JsonObject): void {
    const spec = isObject(csr['spec']) ? csr['spec'] : {}
    if (spec['signerName'] !== SERVING) return
    const { name, uid, resourceVersion } = metadataOf(csr)
    const now = performance.now()
    const createdAt = this.#created.get(uid) ?? now
    this.#created.set(uid, createdAt)
    const { approved, certificate } = standingOf(csr)
    const before = this.approvals.get(uid)
    if (before !== undefined) before.certificate ??= certificate
    if (!approved || before !== undefined) return
    this.approvals.set(uid, {
      csr: name,
      user: textOf(spec['username']) ?? '',
      revision: Number(resourceVersion),
      createdAt,
      at: now,
      certificate,
    })
  }

  #sawNode(node: JsonObject): void {
    const { name, resourceVersion } = metadataOf(node)
    const status = isObject(node['status']) ? node['status'] : {}
    const addresses = Array.isArray(status['addresses']) ? status['addresses'].filter(isObject) : []
    const versions = this.#nodes.get(name) ?? []
    this.#nodes.set(name, versions)
    const revision = Number(resourceVersion)
    if (versions.some((version) => version.revision === revision)) return
    versions.push({ revision, reports: addresses.map(({ address }) => textOf(address) ?? '') })
    versions.sort((one, other) => one.revision - other.revision)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await this.#following
  }
}
