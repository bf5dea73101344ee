import type { Client } from '../client.ts'
import type { Cluster } from '../cluster.ts'
import { buildRequest, type RequestShape } from '../requests/request.ts'
import { until } from '../until.ts'
import { reported } from './addresses.ts'
import { createCsr, CSRS, metadataOf, type Standing, standingOf } from './csr.ts'
import { Kubelet, type KubeletOptions } from './kubelet.ts'

interface Reported {
  readonly names: readonly string[]
  readonly addresses: readonly string[]
}

/** A node with one address, and what it does, as its kubelet would. */
export class TestNode {
  readonly name: string
  readonly address: string
  readonly user: string
  readonly client: Client
  readonly kubelet: Kubelet
  readonly #cluster: Cluster

  constructor(cluster: Cluster, name: string, address: string, options: Pick<KubeletOptions, 'key'> = {}) {
    this.#cluster = cluster
    this.name = name
    this.address = address
    this.user = `system:node:${name}`
    this.client = cluster.impersonate({ user: this.user, groups: ['system:nodes', 'system:authenticated'] })
    const addresses = reported(['Hostname', name], ['InternalIP', address])
    this.kubelet = new Kubelet(this.client, { name, addresses, ...options })
  }

  /** Creates its Node and reports its name and address. */
  async join(): Promise<this> {
    await this.kubelet.register()
    await this.kubelet.report()
    return this
  }

  async report({ names, addresses }: Reported): Promise<void> {
    await this.kubelet.report([
      ...reported(...names.map((name) => ['Hostname', name] as const)),
      ...reported(...addresses.map((address) => ['InternalIP', address] as const)),
    ])
  }

  async leave(): Promise<void> {
    await this.#cluster.adminRequest('DELETE', `/api/v1/nodes/${this.name}`)
  }

  /** A conforming request with a new key, but for what `shape` changes. */
  request(shape: RequestShape = {}): string {
    const { user: commonName, name, address } = this
    return buildRequest({ commonName, dnsNames: [name], addresses: [address], ...shape }).request
  }

  /** Asks for its certificate, or with `shape` for something else; returns the name of the CSR, which may be given. */
  async ask({ csr, ...shape }: RequestShape & { readonly csr?: string } = {}): Promise<string> {
    const metadata = csr === undefined ? {} : { metadata: { name: csr } }
    const { status, body } = await createCsr(this.client, { request: this.request(shape), ...metadata })
    if (status !== 201)
      throw new Error(`${this.name} cannot ask: ${status} ${JSON.stringify(body['message'])}`)
    return metadataOf(body).name
  }
}

export async function standing(cluster: Cluster, csr: string): Promise<Standing> {
  return standingOf((await cluster.adminRequest('GET', `${CSRS}/${csr}`)).body)
}

/** Waits until every CSR is as `holds` wants it; how many ms that took. */
export async function untilAll(
  cluster: Cluster,
  csrs: readonly string[],
  holds: (standing: Standing) => boolean,
  withinMs: number,
): Promise<number> {
  const begun = performance.now()
  let left = [...csrs]
  const look = async () => {
    const standings = await Promise.all(left.map(async (csr) => [csr, await standing(cluster, csr)] as const))
    left = standings.filter(([, found]) => !holds(found)).map(([csr]) => csr)
    if (left.length > 0)
      throw new Error(`${left.length} of ${csrs.length} are not: ${left.slice(0, 5).join()}`)
    return true
  }
  await until(look, 'every CSR is as it must be', withinMs, 50)
  return performance.now() - begun
}
