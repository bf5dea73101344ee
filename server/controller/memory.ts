import { isDeepStrictEqual } from 'node:util'
import { nodeName } from '../../policies/node-name.ts'
import { addresses, dnsNames, foldCase } from '../../policies/request.ts'
import type { CsrObject, Fault, NodeFacts, ParsedRequest } from '../../policies/types.ts'
import { isWaiting } from '../facts/stored-csr.ts'
import { Multimap } from '../multimap.ts'
import type { Change, DecisionRecord } from '../ports.ts'
import { RECHECK_MS } from './reconcile.ts'

/** What the controller remembers about a CSR. */
interface Remembered {
  readonly uid: string
  /** Nothing to do until the CSR or a fact changes. */
  waits: boolean
  /** Monotonic time until which the CSR counts as decided, although the watch does not show it yet. */
  decidedUntil: number
  /** Keys for {@link Memory.touchedBy}: its node, and the names and addresses that it requests. */
  asked: readonly string[]
  /** Verdict, reason and action of each decision that was reported. */
  readonly reported: Set<string>
}

/** More than there are codes and actions. Beyond this, a CSR with changing decisions is not reported. */
const REPORTED_MAX = 64

/** Remembers CSRs from their first judgement until the watch shows that they are decided or deleted. */
export class Memory {
  readonly #monotonic: () => number
  readonly #byName = new Map<string, Remembered>()
  readonly #askedBy = new Multimap<string>()

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
  }

  /** The CSR was left undecided. A change of its Node, or of a Node that reports a requested value, affects it. */
  leave(csr: CsrObject, request: ParsedRequest | Fault): void {
    const remembered = this.#of(csr)
    this.#unlink(csr.name, remembered)
    const claims = request.readable ? [...dnsNames(request).map(foldCase), ...addresses(request)] : []
    remembered.asked = [nodeKey(nodeName(csr.requester.username) ?? ''), ...claims]
    for (const key of remembered.asked) this.#askedBy.add(key, csr.name)
  }

  /** The CSR needs nothing until it or a fact changes. */
  wait(csr: CsrObject): void {
    this.#of(csr).waits = true
  }

  /** The CSR was decided. It expires, since the watch never shows a decision that an etcd restore has undone. */
  decide(csr: CsrObject): void {
    this.#of(csr).decidedUntil = this.#monotonic() + RECHECK_MS
  }

  /** The policy or the reservations changed: no CSR waits any more. */
  wake(): void {
    for (const remembered of this.#byName.values()) remembered.waits = false
  }

  /** The object changed. The CSR is judged again, but decisions that were reported are not reported again. */
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

  /** Whether the CSR is undecided. */
  isOpen(csr: CsrObject): boolean {
    const remembered = this.#known(csr)
    return isWaiting(csr) && !(remembered !== undefined && this.#monotonic() < remembered.decidedUntil)
  }

  /** Whether the CSR is undecided and does not wait for a change. */
  isDue(csr: CsrObject): boolean {
    return this.isOpen(csr) && this.#known(csr)?.waits !== true
  }

  /** Whether this decision was not reported before. Marks it as reported. */
  isNews({ csr, decision, action }: Pick<DecisionRecord, 'csr' | 'decision' | 'action'>): boolean {
    if (decision.verdict === 'ignore') return false
    const { reported } = this.#of(csr)
    const key = `${decision.verdict} ${decision.reason} ${action}`
    if (reported.has(key) || reported.size >= REPORTED_MAX) return false
    reported.add(key)
    return true
  }

  /** The names of undecided CSRs whose decision may change with this change of a Node. */
  touchedBy({ key, before, after }: Change<NodeFacts>): ReadonlySet<string> {
    if (isDeepStrictEqual(before, after)) return new Set()
    const moved = claimsOf(before).symmetricDifference(claimsOf(after))
    return new Set([nodeKey(key), ...moved].flatMap((asked) => [...this.#askedBy.get(asked)]))
  }

  /** The entry of this CSR. A CSR that was recreated under the same name has none. */
  #known({ name, uid }: CsrObject): Remembered | undefined {
    const remembered = this.#byName.get(name)
    return remembered?.uid === uid ? remembered : undefined
  }

  #of(csr: CsrObject): Remembered {
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

/** The slash keeps these keys apart from names and addresses. */
const nodeKey = (name: string): string => `node/${name}`

/** The names and addresses that a Node claims: those it reports, and its own name. */
function claimsOf(node: NodeFacts | undefined): Set<string> {
  return new Set(node === undefined ? [] : [foldCase(node.name), ...node.names, ...node.addresses])
}
