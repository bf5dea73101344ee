/** The machines of a small world, and what a dial sees of them: no Node can choose it, but at its own addresses. */
import type { Address, Sight } from '../../policies/types.ts'
import { addressOf, type Spec } from './spec.ts'

interface Certificate {
  readonly key: string
  readonly notAfter: number
}

export interface Machine {
  on: boolean
  certificate: Certificate | null
}

/** What a dial saw, and whose: for the key of a state, and to know what was looked at. */
export interface Look {
  readonly address: Address
  readonly at: number
  readonly sight: Sight
}

export class Machines {
  readonly #owners = new Map<string, string | null>()
  readonly #machines = new Map<string, Machine>()
  readonly #now: () => number
  readonly looks: Look[] = []
  /** A NetworkPolicy keeps the controller from all kubelets. */
  isCut = false
  /** Who answers for this moment at addresses of others, having the network for it. */
  usurper: { readonly node: string; readonly addresses: readonly string[] } | null = null

  constructor(spec: Spec, now: () => number) {
    this.#now = now
    for (const [address, owner] of Object.entries(spec.addresses)) this.#owners.set(address, owner)
  }

  of(node: string): Machine {
    const machine = this.#machines.get(node) ?? { on: false, certificate: null }
    this.#machines.set(node, machine)
    return machine
  }

  /** Whose machine has an address. */
  ownerOf(address: string): string | null {
    return this.#owners.get(address) ?? null
  }

  addressesOf(node: string): string[] {
    return [...this.#owners].flatMap(([address, owner]) => (owner === node ? [address] : []))
  }

  move(address: string, node: string): void {
    this.#owners.set(address, node)
  }

  /** A kubelet closes without a certificate once its own has expired. */
  shows(node: string): 'off' | 'waiting' | 'serving' {
    const { on, certificate } = this.of(node)
    if (!on) return 'off'
    return certificate !== null && certificate.notAfter > this.#now() ? 'serving' : 'waiting'
  }

  /** What stands at an address, whoever usurps it. */
  at(address: string): ReturnType<Machines['shows']> {
    const owner = this.ownerOf(address)
    return owner === null ? 'off' : this.shows(owner)
  }

  dial(address: Address): Sight {
    const sight = this.isCut ? SILENT : this.#sight(address)
    this.looks.push({ address, at: this.#now(), sight })
    return sight
  }

  #sight(address: Address): Sight {
    const node = this.#answeringAt(address)
    const shown = node === null ? 'off' : this.shows(node)
    if (node === null || shown === 'off') return SILENT
    const { certificate } = this.of(node)
    if (shown === 'waiting' || certificate === null) return { kind: 'noCertificate' }
    return { kind: 'certificate', spkiSha256: certificate.key, node }
  }

  #answeringAt(address: Address): string | null {
    const short = [...this.#owners.keys()].find((one) => addressOf(one) === address) ?? ''
    return this.usurper?.addresses.includes(short) === true ? this.usurper.node : this.ownerOf(short)
  }

  /** For the key of a state. */
  all(): readonly (readonly [string, Machine])[] {
    return [...this.#machines]
  }

  owners(): readonly (readonly [string, string | null])[] {
    return [...this.#owners]
  }
}

const SILENT: Sight = { kind: 'nothing' }
