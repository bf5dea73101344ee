/**
 * The machines of Nodes whose addresses this computer does not have: each listens on loopback, and a module that the program
 * under test preloads (loopback-dials.ts) leads its dials there. The program itself knows nothing of it.
 */
import { renameSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import type { Pair } from '../pki.ts'
import { Machine } from './machine.ts'

const PRELOADED = join(import.meta.dirname, 'loopback-dials.ts')

export interface RunningMachine {
  readonly serve: (pair: Pair) => Promise<void>
  readonly connections: () => number
  /** It is switched off. */
  readonly stop: () => Promise<void>
}

export class Machines implements AsyncDisposable {
  readonly #file: string
  readonly #ports = new Map<string, number>()
  readonly #stack = new AsyncDisposableStack()
  #isCut = false

  /** @param directory of the cluster, for the list of addresses */
  constructor(directory: string) {
    this.#file = join(directory, 'machines.json')
    this.#write()
  }

  /** Node's arguments and the variable that lead a program's dials to these machines. */
  get dialling(): {
    readonly flags: readonly string[]
    readonly environment: Readonly<Record<string, string>>
  } {
    return { flags: ['--import', PRELOADED], environment: { LOOPBACK_DIALS: this.#file } }
  }

  /** A machine that has these addresses; names among them are passed over. It runs a kubelet without a certificate. */
  async start(addresses: readonly string[]): Promise<RunningMachine> {
    const machine = this.#stack.use(new Machine())
    await machine.answer('internalError')
    for (const address of addresses) if (isIP(address) > 0) this.#ports.set(address, machine.port)
    this.#write()
    return {
      serve: async (pair) => await machine.answer(pair),
      connections: () => machine.connections,
      stop: () => this.#end(machine),
    }
  }

  /** Where the machine that has an address listens on loopback. */
  portOf(address: string): number | undefined {
    return this.#ports.get(address)
  }

  /** Whether no dial reaches any machine, as behind a NetworkPolicy. */
  cut(isCut: boolean): void {
    this.#isCut = isCut
    this.#write()
  }

  /** Its addresses are silent, but those that another machine has by now. */
  async #end(machine: Machine): Promise<void> {
    for (const [address, port] of this.#ports) if (port === machine.port) this.#ports.delete(address)
    this.#write()
    await machine.answer('refused')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }

  /** Whole at any time, since programs read it while they dial. */
  #write(): void {
    const reached = this.#isCut ? {} : Object.fromEntries(this.#ports)
    writeFileSync(`${this.#file}.new`, JSON.stringify(reached))
    renameSync(`${this.#file}.new`, this.#file)
  }
}
