import { familyOf } from '../../policies/address.ts'
import { defaultLimits, type ProbeLimits } from '../../policies/limits.ts'
import type { Address, Family } from '../../policies/types.ts'
import type { Network, Prober, ProvenAddress } from '../ports.ts'

interface ReachParts {
  readonly prober: Pick<Prober, 'probe' | 'result'>
  /** The addresses at which kubelets of Nodes that exist have answered. */
  readonly proven: () => Iterable<ProvenAddress>
  /** What became reserved since it answered is dialled no more, and says nothing. */
  readonly mayDial: (address: Address) => boolean
  /** The pool of the policy that a Node is in, null outside every pool. */
  readonly poolOf: (node: string) => string | null
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
  readonly limits?: ProbeLimits
}

/** Whether the network between the controller and the kubelets of a pool works: shown by addresses that answered before. */
export class Reach {
  readonly #parts: ReachParts
  readonly #limits: ProbeLimits
  readonly #known = new Map<string, { readonly network: Network; readonly at: number }>()

  constructor(parts: ReachParts) {
    this.#parts = parts
    this.#limits = parts.limits ?? defaultLimits.probe
  }

  /** What the last look showed; undefined if that is too long ago. */
  network(family: Family, pool: string | null): Network | undefined {
    const known = this.#known.get(keyOf(family, pool))
    return known !== undefined && this.#parts.now() - known.at < this.#limits.networkMs
      ? known.network
      : undefined
  }

  /** Looks at a few addresses, unless that was done a moment ago. */
  async look(family: Family, pool: string | null, signal?: AbortSignal): Promise<void> {
    if (this.network(family, pool) !== undefined) return
    const { prober, now } = this.#parts
    const sample = this.#sample(family, pool)
    if (sample.length >= this.#limits.sampleMin) await prober.probe(sample, signal)
    const network = this.#judge(sample)
    if (network !== undefined) this.#known.set(keyOf(family, pool), { network, at: now() })
  }

  /** Undefined while too few were dialled to say it. */
  #judge(sample: readonly Address[]): Network | undefined {
    if (sample.length < this.#limits.sampleMin) return 'uncertain'
    const results = sample.map((address) => this.#parts.prober.result(address)?.kind)
    const answering = results.filter((saw) => saw === 'certificate' || saw === 'noCertificate')
    if (answering.length * 2 >= sample.length) return 'works'
    return results.includes(undefined) ? undefined : 'uncertain'
  }

  /** One address each of so many Nodes, each Node with the same chance. */
  #sample(family: Family, pool: string | null): Address[] {
    const { proven, poolOf, mayDial, random } = this.#parts
    const byNode = new Map<string, Address>()
    for (const { node, address } of proven())
      if (familyOf(address) === family && poolOf(node) === pool) byNode.set(node, address)
    const all = [...byNode.values()]
    for (let at = 0; at < Math.min(this.#limits.sample, all.length); at += 1) {
      const other = at + Math.floor(random() * (all.length - at))
      ;[all[at], all[other]] = [all[other] ?? '', all[at] ?? '']
    }
    return all.slice(0, this.#limits.sample).filter(mayDial)
  }
}

function keyOf(family: Family, pool: string | null): string {
  return `${family} ${pool ?? ''}`
}
