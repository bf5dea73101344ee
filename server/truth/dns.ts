import { setTimeout as sleep } from 'node:timers/promises'
import { parseAddress, unmapped } from '../../policies/address.ts'
import { listed } from '../../policies/text.ts'
import type { Address, Known, Vouching } from '../../policies/types.ts'
import type { Asked } from '../ports.ts'
import type { Source } from './source.ts'

/** Of `node:dns/promises`. Names end in a dot, so that no search domain is tried. */
export interface NameResolver {
  resolve4(name: string): Promise<readonly string[]>
  resolve6(name: string): Promise<readonly string[]>
}

export interface DnsDependencies {
  /** Lower case. */
  readonly domains: readonly string[]
  readonly resolver: NameResolver
  /** Milliseconds on a clock that never jumps. */
  readonly monotonic: () => number
}

/** What is known of one name. */
type Result =
  | { readonly ok: true; readonly until: number; readonly addresses: readonly Address[] }
  | { readonly ok: false; readonly until: number; readonly because: string }

/** Of one CSR. A node has one or two names; each takes a query for A and one for AAAA. */
const NAMES_MAX = 4
/** At once. The controller judges 64 CSRs at once, so that others go on while the server is silent. */
const LOOKUPS_MAX = 32
const LOOKUP_MS = 2_500
const KEPT_MS = 30_000
/** A name that does not exist yet may be registered while its node joins. */
const ABSENT_KEPT_MS = 5_000
/** So that a server that does not answer is not asked for every CSR again and again. */
const FAILURE_KEPT_MS = 2_000
/** Names of the largest cluster with one name each take 4 MB. */
const RESULTS_MAX = 20_000

/**
 * The DNS. A node chooses what it reports, and its owner may control a domain. So the DNS speaks only of the name that a domain
 * of the operator gives to a Node: `<node>.<domain>`, or the Node's own name if that is under the domain. It vouches for the
 * name, and for the addresses to which it resolves, if the request asks for all of these.
 */
export class DnsSource implements Source {
  readonly kind = 'dns'
  readonly #dependencies: DnsDependencies
  /** The one that was looked up last comes last. */
  readonly #results = new Map<string, Result>()
  readonly #underWay = new Map<string, Promise<void>>()

  constructor(dependencies: DnsDependencies) {
    this.#dependencies = dependencies
  }

  vouch(asked: Asked): Known<Vouching> {
    const names: string[] = []
    const addresses: Address[] = []
    const says: string[] = []
    for (const name of this.#namesOf(asked)) {
      const result = this.#result(name)
      if (result === undefined) return { known: false, because: `${name} has not been looked up` }
      if (!result.ok) return { known: false, because: `${name} cannot be looked up: ${result.because}` }
      const foreign = result.addresses.filter((address) => !asked.addresses.includes(address))
      if (result.addresses.length > 0 && foreign.length === 0) {
        names.push(name)
        addresses.push(...result.addresses)
      }
      says.push(describe(name, result.addresses.length, foreign.length))
    }
    const none = `no name of ${asked.node.name} under ${listed(this.#dependencies.domains)} is asked for`
    return { known: true, value: { names, addresses, says: says.length === 0 ? none : says.join(', ') } }
  }

  async ask(asked: Asked): Promise<boolean> {
    const open = this.#namesOf(asked).filter((name) => this.#result(name) === undefined)
    const lookups = open.flatMap((name) => this.#lookUp(name) ?? [])
    if (lookups.length === 0) return false
    await Promise.all(lookups)
    return true
  }

  #namesOf({ node, names }: Asked): readonly string[] {
    const { domains } = this.#dependencies
    const own = domains.flatMap((domain) =>
      node.name.endsWith(`.${domain}`) ? [node.name] : [`${node.name}.${domain}`],
    )
    return [...new Set(names)].filter((name) => own.includes(name)).slice(0, NAMES_MAX)
  }

  #result(name: string): Result | undefined {
    const result = this.#results.get(name)
    return result !== undefined && this.#dependencies.monotonic() < result.until ? result : undefined
  }

  /** One for all who ask. Undefined if too many are under way: whoever asks is judged again. */
  #lookUp(name: string): Promise<void> | undefined {
    const underWay = this.#underWay.get(name)
    if (underWay !== undefined || this.#underWay.size >= LOOKUPS_MAX) return underWay
    const begun = this.#resolveAndKeep(name)
    this.#underWay.set(name, begun)
    return begun
  }

  async #resolveAndKeep(name: string): Promise<void> {
    const result = await this.#resolve(name)
    this.#underWay.delete(name)
    this.#keep(name, result)
  }

  async #resolve(name: string): Promise<Result> {
    const { resolver, monotonic } = this.#dependencies
    // A query that is not answered says nothing, even if the other is.
    const found = await Promise.all([
      answerOf(async () => await resolver.resolve4(`${name}.`)),
      answerOf(async () => await resolver.resolve6(`${name}.`)),
    ])
    const failed = found.find((one) => typeof one === 'string')
    if (failed !== undefined) return { ok: false, until: monotonic() + FAILURE_KEPT_MS, because: failed }
    const texts = found.flatMap((one) => (typeof one === 'string' ? [] : one))
    const addresses = texts.flatMap((text) => {
      const address = parseAddress(text)
      return address === undefined ? [] : [unmapped(address)]
    })
    const keptMs = addresses.length > 0 ? KEPT_MS : ABSENT_KEPT_MS
    return { ok: true, until: monotonic() + keptMs, addresses: [...new Set(addresses)] }
  }

  #keep(name: string, result: Result): void {
    this.#results.delete(name)
    this.#results.set(name, result)
    const [oldest] = this.#results.keys()
    if (this.#results.size > RESULTS_MAX && oldest !== undefined) this.#results.delete(oldest)
  }
}

/** The answers that say that there is no such address, of c-ares: NXDOMAIN, and a name without records of that type. */
const ABSENT: readonly unknown[] = ['ENOTFOUND', 'ENODATA']

/** The addresses as text, or why they are not known. */
async function answerOf(query: () => Promise<readonly string[]>): Promise<readonly string[] | string> {
  try {
    return await Promise.race([query(), timeout()])
  } catch (error) {
    const code: unknown = Reflect.get(Object(error), 'code')
    if (ABSENT.includes(code)) return []
    return typeof code === 'string' ? code : 'the query failed'
  }
}

/** The time-out of a resolver is for each of its servers. */
async function timeout(): Promise<string> {
  await sleep(LOOKUP_MS, undefined, { ref: false })
  return `no answer within ${LOOKUP_MS} ms`
}

function describe(name: string, found: number, foreign: number): string {
  if (found === 0) return `${name} does not exist`
  if (foreign === 0) return `${name} has no other addresses`
  return `${name} has ${foreign} addresses that are not asked for`
}
