import type { Cluster } from '../kit/cluster.ts'
import { createCsr, CSRS, metadataOf, type Standing, standingOf } from '../kit/kubelet/csr.ts'
import { buildRequest } from '../kit/requests/request.ts'
import { until } from '../kit/until.ts'

interface Asks {
  readonly dnsNames?: readonly string[]
  readonly addresses?: readonly string[]
  /** Of the CSR. */
  readonly name?: string
}

interface Reported {
  readonly names: readonly string[]
  readonly addresses: readonly string[]
}

/** A node and what it does, as its kubelet would. */
export class TestNode {
  readonly name: string
  readonly address: string
  readonly #cluster: Cluster

  constructor(cluster: Cluster, name: string, address: string) {
    this.#cluster = cluster
    this.name = name
    this.address = address
  }

  /** Creates its Node and reports its address. */
  async join(): Promise<void> {
    const { name, address } = this
    const created = await this.#cluster.adminRequest('POST', '/api/v1/nodes', { metadata: { name } })
    if (created.status !== 201) throw new Error(`${name}: ${created.status}`)
    await this.report({ names: [name], addresses: [address] })
  }

  async report({ names, addresses }: Reported): Promise<void> {
    const reported = [
      ...names.map((address) => ({ type: 'Hostname', address })),
      ...addresses.map((address) => ({ type: 'InternalIP', address })),
    ]
    const path = `/api/v1/nodes/${this.name}/status`
    await this.#cluster.adminRequest('PATCH', path, { status: { addresses: reported } })
  }

  async leave(): Promise<void> {
    await this.#cluster.adminRequest('DELETE', `/api/v1/nodes/${this.name}`)
  }

  /** Asks for its certificate, or with `asks` for something else; returns the name of the CSR. */
  async ask(asks: Asks = {}): Promise<string> {
    const { name, address } = this
    const { request } = buildRequest({
      commonName: `system:node:${name}`,
      dnsNames: asks.dnsNames ?? [name],
      addresses: asks.addresses ?? [address],
    })
    const metadata = asks.name === undefined ? {} : { metadata: { name: asks.name } }
    using client = this.#cluster.impersonate({ user: `system:node:${name}`, groups: ['system:nodes'] })
    const { status, body } = await createCsr(client, { request, ...metadata })
    if (status !== 201) throw new Error(`${name} cannot ask: ${status} ${JSON.stringify(body['message'])}`)
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
