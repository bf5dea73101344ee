import { isDeepStrictEqual } from 'node:util'
import { nodeName } from '../../policies/node-name.ts'
import { addresses, dnsNames, foldCase } from '../../policies/request.ts'
import type { CsrObject, Fault, NodeFacts, ParsedRequest } from '../../policies/types.ts'
import { Multimap } from '../multimap.ts'
import type { Change, DecisionRecord } from '../ports.ts'
import { RECHECK_MS } from './reconcile.ts'

type Named = Pick<CsrObject, 'name' | 'uid'>

/** What the controller knows of one CSR besides the object itself. */
interface Remembered {
  readonly uid: string
  /** Nothing is to be done until a fact that it was judged by changes. */
  waits: boolean
  /** Counts as decided until this monotonic time, although the watch has not shown it yet. */
  decidedUntil: number
  /** Keys of {@link Memory.touchedBy}. */
  asked: readonly string[]
  /** Verdict, reason and action of each decision that was reported. */
  readonly reported: Set<string>
}

/** More than all codes in all actions: a CSR that goes back and forth is reported no further. */
const REPORTED_MAX = 64

/** What is remembered of CSRs from their first judgement until they are decided and the watch has shown it, or gone. */
export class Memory {
  readonly #monotonic: () => number
  readonly #byName = new Map<string, Remembered>()
  readonly #askedBy = new Multimap<string>()

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
  }

  /** It was judged and left: it waits for its own Node, or for another that reports what it asks for. */
  leave(csr: CsrObject, request: ParsedRequest | Fault): void {
    const remembered = this.#of(csr)
    this.#unlink(csr.name, remembered)
    const claims = request.readable ? [...dnsNames(request).map(foldCase), ...addresses(request)] : []
    remembered.asked = [nodeKey(nodeName(csr.requester.username) ?? ''), ...claims]
    for (const key of remembered.asked) this.#askedBy.add(key, csr.name)
  }

  /** Nothing is to be done with it until something changes. */
  wait(csr: Named): void {
    this.#of(csr).waits = true
  }

  /** It was decided. A watch that never shows it may be of an etcd that was restored from before. */
  decide(csr: Named): void {
    this.#of(csr).decidedUntil = this.#monotonic() + RECHECK_MS
  }

  /** What all of them were judged by has changed. */
  wake(): void {
    for (const remembered of this.#byName.values()) remembered.waits = false
  }

  /** Its object changed: it is looked at again, and what was reported is not reported again. */
  change(name: string): void {
    const remembered = this.#byName.get(name)
    if (remembered === undefined) return
    remembered.waits = false
    remembered.decidedUntil = -Infinity
  }

  forget(name: string): void {
    const remembered = this.#byName.get(name)
    if (remembered === undefined) return
    this.#unlink(name, remembered)
    this.#byName.delete(name)
  }

  names(): Iterable<string> {
    return this.#byName.keys()
  }

  /** Whether it has yet to be decided. */
  isOpen(csr: Named): boolean {
    const remembered = this.#known(csr)
    return remembered === undefined || this.#monotonic() >= remembered.decidedUntil
  }

  /** Whether it has yet to be decided, and there is something to do about it. */
  isDue(csr: Named): boolean {
    return this.isOpen(csr) && this.#known(csr)?.waits !== true
  }

  /** Whether this decision was not reported yet, which from now on it was. */
  isNews({ csr, decision, action }: Pick<DecisionRecord, 'csr' | 'decision' | 'action'>): boolean {
    if (decision.verdict === 'ignore') return false
    const { reported } = this.#of(csr)
    const words = `${decision.verdict} ${decision.reason} ${action}`
    if (reported.has(words) || reported.size >= REPORTED_MAX) return false
    reported.add(words)
    return true
  }

  /** The names of left CSRs whose judgement the change of a Node may turn. */
  touchedBy({ key, before, after }: Change<NodeFacts>): ReadonlySet<string> {
    if (isDeepStrictEqual(before, after)) return new Set()
    const moved = claimsOf(before).symmetricDifference(claimsOf(after))
    return new Set([nodeKey(key), ...moved].flatMap((asked) => [...this.#askedBy.get(asked)]))
  }

  /** What is known of this very CSR: one made anew under the same name is another. */
  #known({ name, uid }: Named): Remembered | undefined {
    const remembered = this.#byName.get(name)
    return remembered?.uid === uid ? remembered : undefined
  }

  #of(csr: Named): Remembered {
    const known = this.#known(csr)
    if (known !== undefined) return known
    this.forget(csr.name)
    const remembered = {
      uid: csr.uid,
      waits: false,
      decidedUntil: -Infinity,
      asked: [],
      reported: new Set<string>(),
    }
    this.#byName.set(csr.name, remembered)
    return remembered
  }

  #unlink(name: string, { asked }: Remembered): void {
    for (const key of asked) this.#askedBy.delete(key, name)
  }
}

/** No name or address has a slash. */
const nodeKey = (name: string): string => `node/${name}`

/** A Node claims what it reports, and its own name. */
function claimsOf(node: NodeFacts | undefined): Set<string> {
  return new Set(node === undefined ? [] : [foldCase(node.name), ...node.names, ...node.addresses])
}
