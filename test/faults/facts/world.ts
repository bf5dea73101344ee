/** A cluster that exists only in lists, and the program that approves in it, known by its requests alone. */
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { objectAt } from '../../../server/json.ts'
import type { JsonObject } from '../../../server/ports.ts'
import { type Child, startChild } from '../../kit/child.ts'
import type { View } from '../../embedded/view.ts'
import type { Stored } from '../../embedded/collection.ts'
import type { Fault } from '../../embedded/faults.ts'
import { FaultyApi } from '../../embedded/faulty-api.ts'
import { csrObject, CSRS, standingOf } from '../../kit/kubelet/csr.ts'
import { freePort } from '../../kit/ports.ts'
import { untilReady } from '../../kit/ready.ts'
import { buildRequest } from '../../kit/requests/request.ts'
import { writeConfig } from '../../kit/service/config-file.ts'
import { until } from '../../kit/until.ts'

export const NODES = '/api/v1/nodes'
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kubelet-csr-gate/leases'
const RANGES = '/apis/networking.k8s.io/v1/servicecidrs'

const PROGRAM = join(import.meta.dirname, '..', '..', '..', 'cli', 'main.ts')
/** Several start at once, on a machine that does other things too. */
export const STARTED_MS = 40_000

export class World implements AsyncDisposable {
  readonly api: FaultyApi
  readonly nodes: View
  readonly csrs: View
  readonly leases: View
  readonly #using = new AsyncDisposableStack()
  #asked = 0

  static async create(): Promise<World> {
    return new World(await FaultyApi.start())
  }

  private constructor(api: FaultyApi) {
    this.api = this.#using.use(api)
    this.nodes = api.collection(NODES)
    this.csrs = api.collection(CSRS)
    this.leases = api.collection(LEASES)
    this.reportRange()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#using.disposeAsync()
  }

  /** Starts the controller. */
  async run({
    leaderElect = false,
    ledger = '',
    logFile = join(this.api.folder, 'log'),
  }: {
    readonly leaderElect?: boolean
    readonly logFile?: string
    /** The name of its ledger; by default it has none. */
    readonly ledger?: string
  } = {}): Promise<{ readonly child: Child; readonly ready: () => Promise<void> }> {
    const port = await freePort()
    const config = join(this.api.folder, `config-${port}.yaml`)
    const settings = {
      listenAddress: '127.0.0.1',
      webhook: { enabled: false },
      metrics: { port },
      leaderElection: { leaderElect },
      ledger: { name: ledger },
      drainSeconds: 0,
    }
    // The addresses of these Nodes may be those of machines.
    await writeConfig(config, settings, 'proof: { addresses: off }')
    const child = startChild({
      name: 'kubelet-csr-gate',
      path: process.execPath,
      args: [PROGRAM, 'serve', `--config=${config}`, `--kubeconfig=${await this.api.writeKubeconfig()}`],
      logFile,
    })
    this.#using.use(child)
    return {
      child,
      ready: async () => await untilReady(child, `http://127.0.0.1:${port}/readyz`, STARTED_MS),
    }
  }

  async runUntilReady(): Promise<void> {
    await (await this.run()).ready()
    await until(() => this.nodes.watchers > 0 && this.csrs.watchers > 0, 'the lists are watched', STARTED_MS)
  }

  /** The Service range, again and again the same. */
  reportRange(): void {
    const range = { metadata: { name: 'kubernetes' }, spec: { cidrs: ['10.96.0.0/12'] } }
    this.api.collection(RANGES).put(range)
  }

  /** A Node that reports `address`. `silently`: no watch tells of it. */
  join(name: string, address: string, silently = false): Stored {
    return this.nodes.put(nodeOf(name, address), silently)
  }

  /** A Node reports another name. */
  alsoReports(node: string, name: string): void {
    const stored = this.nodes.get(node)
    if (stored === undefined) throw new Error(`there is no Node ${node}`)
    const status = objectAt(stored, 'status')
    const { addresses } = status
    const more = { type: 'Hostname', address: name }
    this.nodes.put({
      ...stored,
      status: { addresses: Array.isArray(addresses) ? [...addresses, more] : [more] },
    })
  }

  /** A CSR of the node for its name and `address`; returns the name of the CSR. */
  ask(node: string, address: string): string {
    return this.askFor(node, [node], address)
  }

  askFor(node: string, dnsNames: readonly string[], address: string): string {
    this.#asked += 1
    const name = `csr-${this.#asked}`
    const { request } = buildRequest({
      commonName: `system:node:${node}`,
      dnsNames: [...dnsNames],
      addresses: [address],
    })
    const object = csrObject({ request, metadata: {} })
    const asks = { username: `system:node:${node}`, groups: ['system:nodes', 'system:authenticated'] }
    this.csrs.put({ ...object, metadata: { name }, spec: { ...objectAt(object, 'spec'), ...asks } })
    return name
  }

  isApproved(csr: string): boolean {
    return standingOf(this.csrs.get(csr) ?? {}).approved
  }

  async untilApproved(csr: string, withinMs: number): Promise<void> {
    await until(() => this.isApproved(csr), `${csr} is approved`, withinMs)
  }

  /** How many requests that match came since `from`, of those that were heard. */
  count(matches: (heard: FaultyApi['heard'][number]) => boolean, from = 0): number {
    return this.api.heard.slice(from).filter(matches).length
  }
}

export function nodeOf(
  name: string,
  address: string,
): JsonObject & { readonly metadata: { readonly name: string } } {
  const addresses = [
    { type: 'Hostname', address: name },
    { type: 'InternalIP', address },
  ]
  return { apiVersion: 'v1', kind: 'Node', metadata: { name }, status: { addresses } }
}

type Asked = Pick<IncomingMessage, 'url'>

export const isListOf =
  (path: string) =>
  ({ url = '' }: Asked): boolean =>
    url.startsWith(`${path}?`) && !url.includes('watch=true')

export const isWatchOf =
  (path: string) =>
  ({ url = '' }: Asked): boolean =>
    url.startsWith(`${path}?`) && url.includes('watch=true')

/** A Node that is read by itself. */
export const isNodeRead = ({ url = '' }: Asked): boolean => url.startsWith(`${NODES}/`)

/** Open, and says nothing. */
export const silentWatch: Fault = (_request, response) => response.writeHead(200).flushHeaders()

export interface Page {
  readonly resourceVersion: number
  readonly items: readonly object[]
  /** The token of the next page; empty after the last. */
  readonly next?: string
  /** Sent only then. */
  readonly after?: Promise<unknown>
}

/** One page of a list in place of the one that the server would send. */
export function answeringPage({ resourceVersion, items, next = '', after = Promise.resolve() }: Page): Fault {
  const metadata = { resourceVersion: String(resourceVersion), continue: next }
  const body = JSON.stringify({ kind: 'List', metadata, items })
  return (_request, response) => void after.then(() => response.end(body))
}
