/** Machines on a network, and a prober that sees what answers at each address: no node can choose it. */
import { createHash } from 'node:crypto'
import { parseAddress } from '../../../policies/address.ts'
import type { Address, Sight } from '../../../policies/types.ts'
import type { Prober } from '../../../server/ports.ts'
import { Results } from '../../../server/probe/results.ts'
import type { Keys } from '../../kit/requests/keys.ts'

/** What a kubelet's port shows. `selfMade`: a certificate of no CA. */
type Answer = 'waiting' | 'silent' | 'selfMade' | { readonly node: string; readonly keys: Pick<Keys, 'spki'> }

export interface Machine {
  /** As text. */
  addresses: readonly string[]
  answer: Answer
}

export class Network implements Prober {
  readonly #machines = new Set<Machine>()
  readonly #results = new Results()
  readonly #now: () => number
  /** Whether the prober knows the CA of kubelet-serving certificates, and so whose they are. */
  readonly #knowsCa: boolean
  /** A firewall is in the way: every address is silent. */
  cut = false

  constructor(now: () => number, knowsCa: boolean) {
    this.#now = now
    this.#knowsCa = knowsCa
  }

  add(machine: Machine): Machine {
    this.#machines.add(machine)
    return machine
  }

  async probe(addresses: readonly Address[]): Promise<void> {
    for (const address of addresses)
      if (this.#results.isDue(address, this.#now()))
        this.#results.note(address, this.#sight(address), this.#now())
  }

  result(address: Address): ReturnType<Prober['result']> {
    return this.#results.get(address, this.#now())
  }

  network(): 'works' | 'uncertain' {
    return this.cut ? 'uncertain' : 'works'
  }

  async lookAtNetwork(): Promise<void> {}

  #sight(address: Address): Sight {
    if (this.cut) return { kind: 'nothing' }
    const all = [...this.#machines].filter(({ addresses }) => addresses.map(parseAddress).includes(address))
    const answer = all.find((machine) => machine.answer !== 'silent')?.answer ?? 'silent'
    if (answer === 'silent') return { kind: 'nothing' }
    if (answer === 'waiting') return { kind: 'noCertificate' }
    if (answer === 'selfMade') return { kind: 'certificate', spkiSha256: 'ab'.repeat(32), node: null }
    const spkiSha256 = createHash('sha256').update(answer.keys.spki).digest('hex')
    return { kind: 'certificate', spkiSha256, node: this.#knowsCa ? answer.node : null }
  }
}
