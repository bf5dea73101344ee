import { listed } from '../../policies/text.ts'
import type { Address, Known, Vouching } from '../../policies/types.ts'
import type { Asked, Resolver } from '../ports.ts'
import type { Source } from './source.ts'

export interface DnsDependencies {
  /** Lower case. */
  readonly domains: readonly string[]
  readonly resolver: Resolver
}

/**
 * The DNS. A node chooses what it reports, and its owner may control a domain. So the DNS speaks only of the name that a domain
 * of the operator gives to a Node: `<node>.<domain>`, or the Node's own name if that is under the domain. It vouches for the
 * name, and for the addresses to which it resolves, if the request asks for all of these.
 */
export class DnsSource implements Source {
  readonly kind = 'dns'
  readonly #dependencies: DnsDependencies

  constructor(dependencies: DnsDependencies) {
    this.#dependencies = dependencies
  }

  vouch(asked: Asked): Known<Vouching> {
    const names: string[] = []
    const addresses: Address[] = []
    const says: string[] = []
    for (const name of this.#namesOf(asked)) {
      const answer = this.#dependencies.resolver.answer(name)
      if (answer === undefined) return { known: false, because: `${name} has not been looked up` }
      if (!answer.known) return { known: false, because: `${name} cannot be looked up: ${answer.because}` }
      const foreign = answer.value.filter((address) => !asked.addresses.includes(address))
      if (answer.value.length > 0 && foreign.length === 0) {
        names.push(name)
        addresses.push(...answer.value)
      }
      says.push(describe(name, answer.value.length, foreign.length))
    }
    const none = `no name of ${asked.node.name} under ${listed(this.#dependencies.domains)} is asked for`
    return { known: true, value: { names, addresses, says: says.length === 0 ? none : says.join(', ') } }
  }

  async ask(asked: Asked): Promise<boolean> {
    const { resolver } = this.#dependencies
    const open = this.#namesOf(asked).filter((name) => resolver.answer(name) === undefined)
    if (open.length === 0) return false
    await resolver.lookUp(open)
    return true
  }

  #namesOf({ node, names }: Asked): readonly string[] {
    const { domains } = this.#dependencies
    const own = domains.flatMap((domain) =>
      node.name.endsWith(`.${domain}`) ? [node.name] : [`${node.name}.${domain}`],
    )
    return [...new Set(names)].filter((name) => own.includes(name))
  }
}

function describe(name: string, found: number, foreign: number): string {
  if (found === 0) return `${name} does not exist`
  if (foreign === 0) return `${name} has no other addresses`
  return `${name} has ${foreign} addresses that are not asked for`
}
