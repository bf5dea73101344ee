import { familyOf } from '../../policies/address.ts'
import { addresses } from '../../policies/request.ts'
import type { Address, ParsedRequest, Probe, ProbeResult, Probes, Sight } from '../../policies/types.ts'
import type { Prober } from '../ports.ts'
import { keyClaim } from './claims.ts'
import type { Holdings } from './holdings.ts'

export interface LooksDependencies {
  /** Null where nobody dials. */
  readonly prober: Prober | null
  /** Whether the policy has the addresses of a Node dialled. Default: of every Node. */
  readonly dials?: (node: string) => boolean
  /** Whether who judges stands elsewhere than the controller: what nobody looks at, or is silent, may answer the controller. */
  readonly elsewhere?: boolean
}

const FAMILIES = ['IPv4', 'IPv6'] as const

/** Who answers at the addresses asked for, and whose the key is that answers. */
export class Looks {
  readonly #dependencies: LooksDependencies
  readonly #holdings: Pick<Holdings, 'ownerOf' | 'goneMs'>

  constructor(dependencies: LooksDependencies, holdings: Pick<Holdings, 'ownerOf' | 'goneMs'>) {
    this.#dependencies = dependencies
    this.#holdings = holdings
  }

  /** Of the addresses, those of which a look may tell more; empty where nobody dials. */
  unseen(asked: readonly Address[], pool: string | null): Address[] {
    const { prober } = this.#dependencies
    if (prober === null) return []
    return asked.filter((address) => {
      const result = prober.result(address)
      return (
        result === undefined ||
        (!this.#isKubelet(result) && prober.network(familyOf(address), pool) === undefined)
      )
    })
  }

  /** Has addresses dialled and, if no kubelet answers there, others that show whether the network works. */
  async dial(asked: readonly Address[], pool: string | null, signal: AbortSignal): Promise<void> {
    const { prober } = this.#dependencies
    if (prober === null) return
    await prober.probe(asked, signal)
    const others = asked.filter((address) => !this.#isKubelet(prober.result(address)))
    const families = new Set(others.map(familyOf))
    await Promise.all([...families].map((family) => prober.lookAtNetwork(family, pool, signal)))
  }

  /** Has the addresses of a new Node dialled. */
  async lookAtNew(
    node: string,
    reported: readonly Address[],
  ): Promise<(address: Address) => Sight['kind'] | undefined> {
    const { prober, dials = () => true } = this.#dependencies
    if (dials(node)) await prober?.probe(reported)
    return (address) => prober?.result(address)?.kind
  }

  probes(request: ParsedRequest, pool: string | null): Probes {
    const { prober, elsewhere = false } = this.#dependencies
    if (prober === null) return elsewhere ? { kind: 'none', because: 'nobody dials' } : { kind: 'off' }
    const results = addresses(request).flatMap((address) => {
      const result = prober.result(address)
      const counts =
        !elsewhere || this.#isKubelet(result) || prober.network(familyOf(address), pool) === 'works'
      return result === undefined || !counts ? [] : [{ address, result, ...this.#ownerOf(result) }]
    })
    const network = FAMILIES.map((family) => [family, prober.network(family, pool)] as const)
    return {
      kind: 'here',
      results,
      network: Object.fromEntries(network.filter(([, works]) => works !== undefined)),
      ...(elsewhere && { because: 'nothing shows that kubelets are reached from here' }),
    }
  }

  #ownerOf(result: ProbeResult): Pick<Probe, 'grantedTo' | 'ownerGoneMs'> {
    if (result.kind !== 'certificate') return { grantedTo: null, ownerGoneMs: 0 }
    const grantedTo = this.#holdings.ownerOf(keyClaim(result))
    return { grantedTo, ownerGoneMs: this.#holdings.goneMs(grantedTo ?? result.node ?? '') }
  }

  /** Whether the kubelet of a Node answered; silence and any other server say as little. */
  #isKubelet(result: ProbeResult | undefined): boolean {
    if (result?.kind !== 'certificate') return result?.kind === 'noCertificate'
    return (this.#ownerOf(result).grantedTo ?? result.node) !== null
  }
}
