import { isDeepStrictEqual } from 'node:util'
import { nodeName } from '../../policies/node-name.ts'
import type { CsrObject, Fault, NodeFacts, ParsedRequest } from '../../policies/types.ts'
import { claimsOf, claimsOfNode } from '../facts/claims.ts'
import { nodeKey } from '../ledger/keys.ts'
import { Multimap } from '../multimap.ts'
import type { Change, DecisionRecord } from '../ports.ts'
import { RECHECK_MS } from './plan.ts'

type Named = Pick<CsrObject, 'name' | 'uid'>

/** What the controller knows of one CSR besides the object itself. */
interface Remembered {
  readonly uid: string
  /** Nothing to do until the CSR or a fact changes. */
  waits: boolean
  /** Whether the controller may still approve it without any change. */
  approvable: boolean
  /** Monotonic time until which the CSR counts as decided, although the watch does not show it yet. */
  decidedUntil: number
  /** Keys for {@link CsrTracker.touchedBy}: its node, and the names and addresses that it requests. */
  asked: readonly string[]
  /** Verdict, reason and action of each decision that was reported: one or two. */
  readonly reported: string[]
}

/** More than there are codes and actions. Beyond this, a CSR with changing decisions is not reported. */
const REPORTED_MAX = 64
/**
 * Names and addresses that left CSRs request, over all of them: 10,000 honest CSRs have so many. One takes 300 bytes, up to
 * 600 if it is a long name. Past this a CSR is judged again when its own Node changes, and at least once a minute.
 */
const ASKED_MAX = 30_000

/** Remembers CSRs from their first judgement until the watch shows that they are decided or deleted. */
export class CsrTracker {
  readonly #monotonic: () => number
  readonly #byName = new Map<string, Remembered>()
  readonly #askedBy = new Multimap<string>()
  #asked = 0

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
  }

  /** The CSR was left undecided. A change of its Node, or of a Node that reports a requested value, affects it. */
  leave(csr: CsrObject, request: ParsedRequest | Fault): void {
    const remembered = this.#of(csr)
    this.#unlink(csr.name, remembered)
    const claims = request.readable ? claimsOf(request) : []
    const fitting = this.#asked + claims.length <= ASKED_MAX ? claims : []
    remembered.asked = [nodeKey(nodeName(csr.requester.username) ?? ''), ...fitting]
    for (const key of remembered.asked) this.#askedBy.add(key, csr.name)
    this.#asked += fitting.length
  }

  /** Nothing is to be done with it until something changes. */
  wait(csr: Named): void {
    this.#of(csr).waits = true
  }

  /** It was judged. */
  expect(csr: Named, approvable: boolean): void {
    this.#of(csr).approvable = approvable
  }

  /** It was decided. A watch that never shows it may be of an etcd that was restored from before. */
  decide(csr: Named): void {
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

  get size(): number {
    return this.#byName.size
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

  /** Whether it has yet to be decided, and may be approved. One that was not judged may. */
  isApprovable(csr: Named): boolean {
    return this.isOpen(csr) && this.#known(csr)?.approvable !== false
  }

  /** Whether this decision was not reported before. Marks it as reported. */
  isNews({ csr, decision, action }: Pick<DecisionRecord, 'csr' | 'decision' | 'action'>): boolean {
    if (decision.verdict === 'ignore') return false
    const { reported } = this.#of(csr)
    const key = `${decision.verdict} ${decision.reason} ${action}`
    if (reported.includes(key) || reported.length >= REPORTED_MAX) return false
    reported.push(key)
    return true
  }

  /** The names of undecided CSRs whose decision may change with this change of a Node. */
  touchedBy({ key, before, after }: Change<NodeFacts>): ReadonlySet<string> {
    if (isDeepStrictEqual(before, after)) return new Set()
    const moved = claimsOfNode(before).symmetricDifference(claimsOfNode(after))
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
      approvable: true,
      decidedUntil: -Infinity,
      asked: [],
      reported: [],
    }
    this.#byName.set(csr.name, remembered)
    return remembered
  }

  #unlink(name: string, { asked }: Remembered): void {
    for (const key of asked) this.#askedBy.delete(key, name)
    // All but the Node's.
    this.#asked -= Math.max(asked.length - 1, 0)
  }
}
