/** A node as its kubelet runs it: a Node object, a machine, and requests for what the Node reports. */
import { sharedKeys } from '../../kit/requests/keys.ts'
import type { Machine } from './machines.ts'
import type { Answered, World } from './world.ts'

interface Reported {
  readonly names?: readonly string[]
  readonly addresses?: readonly string[]
}

export class Actor {
  readonly name: string
  readonly machine: Machine
  readonly #world: World
  #names: readonly string[]
  #addresses: readonly string[]
  #wanted: Reported = {}

  /** A machine whose kubelet waits for its first certificate, and no Node yet. */
  constructor(world: World, name: string, { names = [], addresses = [] }: Reported) {
    this.name = name
    this.#world = world
    this.#names = names
    this.#addresses = addresses
    this.machine = world.network.add({ addresses, answer: 'waiting' })
  }

  register(controlPlane = false): this {
    this.#world.register(this.name, this.#names, this.#addresses, { controlPlane })
    return this
  }

  /** The Node object reports something else from now on; the machine stays as it is. */
  report({ names = this.#names, addresses = this.#addresses }: Reported): this {
    this.#names = names
    this.#addresses = addresses
    return this.register()
  }

  /** Asks for these only, of what it reports. */
  wants(wanted: Reported): this {
    this.#wanted = wanted
    return this
  }

  deleteNode(): this {
    this.#world.remove(this.name)
    return this
  }

  /** The machine has other addresses, and its Node reports them. */
  move(...addresses: readonly string[]): this {
    this.machine.addresses = addresses
    return this.report({ addresses })
  }

  /** Asks for all that the Node reports, unless it wants less; once served, the kubelet serves the certificate. */
  async ask(): Promise<Answered> {
    const asking = { names: this.#names, addresses: this.#addresses, ...this.#wanted }
    const answered = await this.#world.ask(this.name, asking)
    if (answered.served) this.machine.answer = { node: this.name, keys: answered.keys }
    return answered
  }

  /** Asks as a kubelet does until it is served, every ten seconds for so long. */
  async askFor(ms: number): Promise<Answered> {
    let answered = await this.ask()
    for (let waited = 0; waited < ms && !answered.served; waited += 10_000) {
      this.#world.pass(10_000)
      answered = await this.ask()
    }
    return answered
  }

  /** The machine is set up again: its kubelet has no certificate. */
  reinstall(): this {
    this.machine.answer = 'waiting'
    return this
  }

  switchOff(): this {
    this.machine.answer = 'silent'
    return this
  }

  /** Served by an approver whose CSRs are gone: a certificate of the cluster with the Node's name. */
  servedByAnother(): this {
    this.machine.answer = { node: this.name, keys: sharedKeys('P-384') }
    return this
  }
}
