/** Plays the steps of a sequence in a world: nodes as their kubelets run them, each a Node object and a machine. */
import { freshKeys, type Keys } from '../../kit/requests/keys.ts'
import type { Machine } from './machines.ts'
import type { Sequence, Step } from './schema.ts'
import type { Answered, World } from './world.ts'

interface Actor {
  readonly machine: Machine
  names: readonly string[]
  addresses: readonly string[]
  /** What it asks for, of its addresses. */
  wants?: readonly string[]
}

/** What a liar reports besides what is its own. */
export type Attacked = { readonly name: string } | { readonly address: string }

type Asks = Pick<Step, 'key' | 'csr'>
type Verb = (step: Step, name: string) => unknown

/** A kubelet that was not served asks again after so long. */
const AGAIN_MS = 10_000

export class Play {
  readonly #world: World
  readonly #attacked: Attacked
  readonly #actors = new Map<string, Actor>()
  readonly #keys = new Map<string, Keys>()

  constructor(world: World, attacked: Attacked = { name: '' }) {
    this.#world = world
    this.#attacked = attacked
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.#verbs[step.do](step, step.node ?? '')
  }

  /** Asks for all that the Node reports, unless it wants less; once served, the kubelet serves the certificate. */
  async ask(name: string, { key, csr }: Asks = {}): Promise<Answered> {
    const { machine, names, addresses, wants = addresses } = this.#actor(name)
    const keys = this.#keysCalled(key)
    // A kubelet asks a second after it has registered.
    this.#world.pass(1_000)
    const answered = await this.#world.ask(name, {
      names,
      addresses: wants,
      keys,
      ...(csr !== undefined && { csr }),
    })
    if (answered.served) machine.answer = { node: name, keys }
    return answered
  }

  /** The end of a sequence: its kubelet asks until it is served, for as long as it may take. */
  async end({ asks, withinMinutes = 0, ...more }: Sequence): Promise<Answered> {
    let answered = await this.ask(asks, more)
    for (let left = withinMinutes * 60_000; left > 0 && !answered.served; left -= AGAIN_MS) {
      this.#world.pass(AGAIN_MS)
      answered = await this.ask(asks, more)
    }
    return answered
  }

  readonly #verbs: Readonly<Record<Step['do'], Verb>> = {
    machine: ({ names = [], addresses = [] }, name) => {
      const machine = this.#world.network.add({ addresses, answer: 'waiting' })
      this.#actors.set(name, { machine, names, addresses })
    },
    register: ({ controlPlane = false }, name) => {
      const { names, addresses } = this.#actor(name)
      this.#world.register(name, names, addresses, { controlPlane })
    },
    join: (step, name) => {
      this.#verbs.machine(step, name)
      this.#verbs.register(step, name)
    },
    serve: async (step, name) => {
      this.#verbs.join(step, name)
      this.#world.pass(1_000)
      const { served, controller } = await this.ask(name)
      if (!served) throw new Error(`${name} was not served: ${controller.message}`)
      this.#world.pass(15_000)
    },
    ask: async (step, name) => await this.ask(name, step),
    report: (step, name) => {
      const actor = this.#actor(name)
      actor.names = step.names ?? actor.names
      actor.addresses = step.addresses ?? actor.addresses
      this.#verbs.register(step, name)
    },
    has: ({ addresses = [] }, name) => void (this.#actor(name).machine.addresses = addresses),
    move: (step, name) => {
      this.#verbs.has(step, name)
      this.#verbs.report(step, name)
    },
    delete: (_step, name) => this.#world.remove(name),
    reinstall: (_step, name) => void (this.#actor(name).machine.answer = 'waiting'),
    switchOff: (_step, name) => void (this.#actor(name).machine.answer = 'silent'),
    selfMade: (_step, name) => void (this.#actor(name).machine.answer = 'selfMade'),
    servedByAnother: (_step, name) => {
      this.#actor(name).machine.answer = { node: name, keys: freshKeys('P-256') }
    },
    lie: (step, name) => this.#lie(step, name),
    pass: ({ ms = 0 }) => this.#world.pass(ms),
    collectCsrs: async () => await this.#world.collect(),
    noteInLedger: async () => await this.#world.keep(),
    damageLedger: async ({ how = 'deleted' }) => await this.#world.damage(how),
  }

  #lie(step: Step, name: string): void {
    const { addresses: own = [], wants } = step
    const attacked = this.#attacked
    if ('address' in attacked) {
      this.#verbs.report({ ...step, addresses: [...own, attacked.address] }, name)
      if (wants) this.#actor(name).wants = [...wants, attacked.address]
      return
    }
    // Whoever has no address left lies about its name beside the one that it reported.
    const addresses = own.length > 0 ? own : [...this.#actor(name).addresses]
    this.#verbs.report({ ...step, addresses, names: [attacked.name] }, name)
    if (wants) this.#actor(name).wants = wants
  }

  #actor(name: string): Actor {
    const actor = this.#actors.get(name)
    if (actor === undefined) throw new Error(`there is no machine of ${name}`)
    return actor
  }

  #keysCalled(key?: string): Keys {
    const keys = this.#keys.get(key ?? '') ?? freshKeys('P-256')
    if (key !== undefined) this.#keys.set(key, keys)
    return keys
  }
}
