/** An honest machine: its kubelet, its Node, and what happens to both. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '../cluster.ts'
import { type NodeAddress, reported } from './addresses.ts'
import { Kubelet } from './kubelet.ts'
import type { Pair } from '../pki.ts'
import type { Machines, RunningMachine } from './machines.ts'

export interface Place {
  readonly cluster: Cluster
  readonly machines: Machines
  /** So long a kubelet waits for its certificate before the line fails. */
  readonly patienceMs: number
}

/** The addresses of the next nodes. */
let used = 0
export function nextAddress(): string {
  used += 1
  return `10.64.${used >> 8}.${used & 255}`
}

/** New nodes with an address each, which have their certificates. */
export async function joined(place: Place, name: string, count: number): Promise<readonly Host[]> {
  const hosts = Array.from({ length: count }, (_, index) => Host.at(place, `${name}-${index}`, nextAddress()))
  await Promise.all(hosts.map(async (host) => await host.join()))
  return hosts
}

/** A stock kubelet asks so long after its Node has registered. */
const ASKS_AFTER_MS = 900

export class Host {
  readonly name: string
  readonly #place: Place
  readonly #addresses: readonly NodeAddress[]
  /** Of them, those at which the machine answers. */
  readonly #answering: readonly string[]
  #machine: RunningMachine | undefined
  #kubelet: Kubelet | undefined
  /** What it serves. */
  #pair: Pair | undefined

  constructor(
    place: Place,
    name: string,
    addresses: readonly NodeAddress[],
    answering: readonly string[] = addresses.map(({ address }) => address),
  ) {
    this.#place = place
    this.name = name
    this.#addresses = [...reported(['Hostname', name]), ...addresses]
    this.#answering = answering
  }

  static at(place: Place, name: string, ...addresses: readonly string[]): Host {
    return new Host(place, name, reported(...addresses.map((address) => ['InternalIP', address] as const)))
  }

  /** Switches it on. Its kubelet waits for a certificate, or has that of the machine that it was `before`. */
  async boot(before?: Host): Promise<this> {
    const { cluster, machines } = this.#place
    const machine = await machines.start(this.#answering)
    this.#machine = machine
    this.#pair = before === undefined ? undefined : before.#pair
    if (this.#pair !== undefined) await machine.serve(this.#pair)
    const person = { user: `system:node:${this.name}`, groups: ['system:nodes'] }
    this.#kubelet = new Kubelet(await cluster.clientFor(person), {
      name: this.name,
      addresses: this.#addresses,
      serve: async (pair) => {
        this.#pair = pair
        await machine.serve(pair)
      },
    })
    return this
  }

  /** From the machine's start to its Node. */
  async register(): Promise<this> {
    await this.#running.register()
    await this.report()
    return this
  }

  async report(): Promise<void> {
    await this.#running.report()
  }

  /** Boots, registers and asks as a stock kubelet does; milliseconds from the CSR to the certificate. */
  async join(): Promise<number> {
    await this.boot()
    await this.register()
    return await this.ask()
  }

  /** Milliseconds from the CSR to the certificate, which it serves from then on. */
  async ask(afterMs = ASKS_AFTER_MS): Promise<number> {
    await sleep(afterMs)
    const { totalMs } = await this.#running.obtain(AbortSignal.timeout(this.#place.patienceMs))
    return totalMs
  }

  async renew(): Promise<number> {
    return await this.ask(0)
  }

  async off(): Promise<void> {
    await this.#machine?.stop()
  }

  async deleteNode(): Promise<void> {
    await this.#place.cluster.adminRequest('DELETE', `/api/v1/nodes/${this.name}`)
  }

  /** The first that it reports. */
  get address(): string | undefined {
    return this.#answering[0]
  }

  get #running(): Kubelet {
    if (this.#kubelet === undefined) throw new Error(`${this.name} is off`)
    return this.#kubelet
  }
}
