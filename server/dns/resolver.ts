import { Resolver as NameServers } from 'node:dns/promises'
import { parseAddress, unmapped } from '../../policies/address.ts'
import type { Address, Known } from '../../policies/types.ts'
import type { Resolver } from '../ports.ts'

/** Of `node:dns/promises`. Names end in a dot, so that no search domain is tried. */
interface Queries {
  resolve4(name: string): Promise<readonly string[]>
  resolve6(name: string): Promise<readonly string[]>
}

interface ResolverDependencies {
  readonly queries: Queries
  /** Milliseconds on a clock that never jumps. */
  readonly monotonic: () => number
}

interface Kept {
  readonly answer: Known<readonly Address[]>
  readonly until: number
}

/** At once, for one CSR; each takes a query for A and one for AAAA. The controller judges 64 CSRs at once. */
const NAMES_MAX = 16
/** A CSR must not wait long for a server that is silent: it is judged again. */
const LOOKUP_MS = 1_000
/** Within that time a lost packet is sent again, or another server is asked. */
const QUERY = { timeout: 400, tries: 2 }
/** A request has 100 names and addresses at most: a name with more addresses leads elsewhere, too. */
const ADDRESSES_MAX = 101
const KEPT_MS = 30_000
/** A name that does not exist yet may be registered while its node joins. */
const ABSENT_KEPT_MS = 5_000
/** So that a server that does not answer is not asked for every CSR again and again. */
const FAILURE_KEPT_MS = 2_000
/** Names of the largest cluster with one name each take 4 MB. */
const ANSWERS_MAX = 20_000

/** Asks DNS for the addresses of names, and remembers the answers for seconds. */
export class DnsResolver implements Resolver {
  readonly #dependencies: ResolverDependencies
  /** The one that was looked up last comes last. */
  readonly #kept = new Map<string, Kept>()
  readonly #underWay = new Map<string, Promise<void>>()

  constructor(dependencies: ResolverDependencies) {
    this.#dependencies = dependencies
  }

  answer(name: string): Known<readonly Address[]> | undefined {
    const kept = this.#kept.get(name)
    return kept !== undefined && this.#dependencies.monotonic() < kept.until ? kept.answer : undefined
  }

  async lookUp(names: readonly string[]): Promise<void> {
    const open = [...new Set(names)].filter((name) => this.answer(name) === undefined)
    await Promise.all(open.slice(0, NAMES_MAX).map((name) => this.#lookUp(name)))
  }

  /** One for all who ask. */
  #lookUp(name: string): Promise<void> {
    const underWay = this.#underWay.get(name)
    if (underWay !== undefined) return underWay
    const begun = this.#queryAndKeep(name)
    this.#underWay.set(name, begun)
    return begun
  }

  async #queryAndKeep(name: string): Promise<void> {
    const answer = await query(name, this.#dependencies.queries)
    this.#underWay.delete(name)
    this.#kept.delete(name)
    this.#kept.set(name, { answer, until: this.#dependencies.monotonic() + keptMs(answer) })
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > ANSWERS_MAX && oldest !== undefined) this.#kept.delete(oldest)
  }
}

/** Asks these servers, or those of the pod where there are none. */
export function createResolver(servers: readonly string[], monotonic: () => number): DnsResolver {
  const queries = new NameServers(QUERY)
  if (servers.length > 0) queries.setServers(servers)
  return new DnsResolver({ queries, monotonic })
}

function keptMs(answer: Known<readonly Address[]>): number {
  if (!answer.known) return FAILURE_KEPT_MS
  return answer.value.length > 0 ? KEPT_MS : ABSENT_KEPT_MS
}

/** A query that is not answered says nothing, even if the other is. */
async function query(name: string, queries: Queries): Promise<Known<readonly Address[]>> {
  const found = await Promise.all([
    textsOf(async () => await queries.resolve4(`${name}.`)),
    textsOf(async () => await queries.resolve6(`${name}.`)),
  ])
  const failed = found.find((one) => typeof one === 'string')
  if (failed !== undefined) return { known: false, because: failed }
  const texts = found.flatMap((one) => (typeof one === 'string' ? [] : one.slice(0, ADDRESSES_MAX)))
  const addresses = texts.flatMap((text) => {
    const address = parseAddress(text)
    return address === undefined ? [] : [unmapped(address)]
  })
  return { known: true, value: [...new Set(addresses)] }
}

/** The answers that say that there is no such address, of c-ares: NXDOMAIN, and a name without records of that type. */
const ABSENT: readonly unknown[] = ['ENOTFOUND', 'ENODATA']

/** The addresses as text, or why they are not known. The time-out of a query is for each server and each try. */
async function textsOf(ask: () => Promise<readonly string[]>): Promise<readonly string[] | string> {
  const { promise: late, resolve } = Promise.withResolvers<string>()
  const timer = setTimeout(() => resolve(`no answer within ${LOOKUP_MS} ms`), LOOKUP_MS)
  timer.unref()
  try {
    return await Promise.race([ask(), late])
  } catch (error) {
    const code: unknown = Reflect.get(Object(error), 'code')
    if (ABSENT.includes(code)) return []
    return typeof code === 'string' ? code : 'the query failed'
  } finally {
    clearTimeout(timer)
  }
}
