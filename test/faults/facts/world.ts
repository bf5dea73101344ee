/** A cluster that exists only in lists, and the program that approves in it, known by its requests alone. */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { objectAt } from '../../../server/json.ts'
import type { JsonObject } from '../../../server/ports.ts'
import { startChild } from '../../kit/child.ts'
import type { View } from '../../embedded/view.ts'
import type { Stored } from '../../embedded/collection.ts'
import { FaultyApi } from '../../embedded/faulty-api.ts'
import { csrObject, CSRS, standingOf } from '../../kit/kubelet/csr.ts'
import { freePort } from '../../kit/ports.ts'
import { untilReady } from '../../kit/ready.ts'
import { buildRequest } from '../../kit/requests/request.ts'
import { writeConfig } from '../../kit/service/config-file.ts'
import { DecisionLog } from '../../kit/service/decision-log.ts'
import { until } from '../../kit/until.ts'

const NODES = '/api/v1/nodes'
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
  #log: DecisionLog | undefined
  #asked = 0

  static async create(): Promise<World> {
    return new World(await FaultyApi.start())
  }

  private constructor(api: FaultyApi) {
    this.api = this.#using.use(api)
    this.nodes = api.collection(NODES)
    this.csrs = api.collection(CSRS)
    this.leases = api.collection(LEASES)
    const range = { metadata: { name: 'kubernetes' }, spec: { cidrs: ['10.96.0.0/12'] } }
    api.collection(RANGES).put(range)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#using.disposeAsync()
  }

  /** Starts the controller. `ledger`: its name; by default it has none. */
  async run({ leaderElect = false, ledger = '' } = {}): Promise<{ readonly ready: () => Promise<void> }> {
    const port = await freePort()
    const config = join(this.api.folder, 'config.yaml')
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
    const logFile = join(this.api.folder, 'log')
    const child = startChild({
      name: 'kubelet-csr-gate',
      path: process.execPath,
      args: [PROGRAM, 'serve', `--config=${config}`, `--kubeconfig=${await this.api.writeKubeconfig()}`],
      logFile,
    })
    this.#using.use(child)
    this.#log = this.#using.adopt(new DecisionLog(await open(logFile)), (log) => log.close())
    return { ready: async () => await untilReady(child, `http://127.0.0.1:${port}/readyz`, STARTED_MS) }
  }

  /** A Node that reports `address`. */
  join(name: string, address: string): Stored {
    return this.nodes.put(nodeOf(name, address))
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

  /** The controller leaves it, for that reason. */
  async untilLeft(csr: string, reason: string): Promise<void> {
    await this.#log?.decisionOn(csr, 'controller', reason)
  }
}

function nodeOf(
  name: string,
  address: string,
): JsonObject & { readonly metadata: { readonly name: string } } {
  const addresses = [
    { type: 'Hostname', address: name },
    { type: 'InternalIP', address },
  ]
  return { apiVersion: 'v1', kind: 'Node', metadata: { name }, status: { addresses } }
}
