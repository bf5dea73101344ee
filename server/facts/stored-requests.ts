import { commonNames } from '../../policies/request.ts'
import type { Approved, CsrObject, Facts, ParsedRequest } from '../../policies/types.ts'
import { Multimap } from '../multimap.ts'
import type { Change, Store } from '../ports.ts'
import { grantedBy, keyClaim } from './claims.ts'
import { MAX_AGE_MS } from './freshness.ts'
import type { ReadUnverified, StoredCsr } from './stored-csr.ts'

/** An index of the stored CSRs: all of them by user, the approved ones also by name, address and public key. */
export class StoredRequests {
  readonly #csrs: Store<StoredCsr>
  readonly #read: ReadUnverified
  readonly #approved = new Multimap<StoredCsr>()
  readonly #byUser = new Multimap<StoredCsr>()
  /** By name: approved by this process, which the watch has not shown yet. In the order in which they were approved. */
  readonly #ahead = new Map<string, StoredCsr>()

  constructor(csrs: Store<StoredCsr>, read: ReadUnverified) {
    this.#csrs = csrs
    this.#read = read
    for (const stored of csrs.values()) this.#add(stored)
    csrs.subscribe((change) => this.#apply(change))
  }

  /** The approved CSRs with a name, an address or a public key: a `claimKey` or a {@link keyClaim}. */
  approvedWith(claim: string): Iterable<StoredCsr> {
    return this.#approved.get(claim)
  }

  /** The approved CSRs of a user that did not fail. */
  approvedOf(username: string): StoredCsr[] {
    return [...this.#byUser.get(username)].filter(
      ({ approvedAt, failure }) => approvedAt !== null && failure === null,
    )
  }

  /** The name of the newest pending CSR of the same user, if it is newer than this one, else null. */
  newerPending(csr: CsrObject): string | null {
    const own = this.#csrs.get(csr.name)
    // A watch shows writes in their order: of one second, a CSR that it has not shown yet is the newest.
    const isNewer = (other: StoredCsr) =>
      own?.uid === csr.uid ? byAge(other, own) > 0 : other.createdAt > csr.createdAt
    const newer = this.#others(csr)
      .filter((other) => this.#isPending(other) && isNewer(other))
      .sort((one, other) => byAge(other, one))
    return newer.find((other) => this.#identityHolds(other))?.name ?? null
  }

  /** When other CSRs of the same user were approved. */
  approvals(csr: CsrObject): number[] {
    return this.#others(csr).flatMap(({ approvedAt }) => approvedAt ?? [])
  }

  /** Another CSR that was approved with the same public key. */
  sameKey({ uid }: CsrObject, request: ParsedRequest): Approved | null {
    const found = [...this.#approved.get(keyClaim(request))].find((stored) => stored.uid !== uid)
    return found === undefined ? null : { csr: found.name, username: found.username }
  }

  /**
   * This process approved a CSR, or may have: it counts from now on. A watch that is trusted is at most
   * {@link MAX_AGE_MS} behind, so what it has not shown by then was not written.
   */
  noteApproval({ csr, request, now }: Facts): void {
    for (const [name, { approvedAt }] of this.#ahead) {
      if (now - (approvedAt ?? 0) <= MAX_AGE_MS) break
      this.#forgetAhead(name)
    }
    const shown = this.#csrs.get(csr.name)
    if (shown?.uid === csr.uid && shown.approvedAt !== null) return
    this.#forgetAhead(csr.name)
    const { name, uid, createdAt, requester } = csr
    const claims = request.readable ? grantedBy(request) : []
    const ahead = { name, uid, createdAt, username: requester.username, approvedAt: now, claims }
    this.#ahead.set(name, { ...ahead, pending: null, failure: null, byUs: true, issued: null })
    this.#add(this.#ahead.get(name))
  }

  #forgetAhead(name: string): void {
    this.#remove(this.#ahead.get(name))
    this.#ahead.delete(name)
  }

  #others({ uid, requester }: CsrObject): StoredCsr[] {
    return [...this.#byUser.get(requester.username)].filter((stored) => stored.uid !== uid)
  }

  #isPending({ name, uid, pending }: StoredCsr): boolean {
    return pending !== null && this.#ahead.get(name)?.uid !== uid
  }

  #identityHolds({ pending, username }: StoredCsr): boolean {
    if (pending?.whole !== true || pending.csr.deleting) return false
    const request = this.#read(pending.request)
    return request.readable && commonNames(request).join() === username
  }

  #apply({ key, before, after }: Change<StoredCsr>): void {
    this.#remove(before)
    this.#add(after)
    // Whatever else the watch shows of it may be older than the approval.
    if (after?.approvedAt != null && this.#ahead.get(key)?.uid === after.uid) this.#forgetAhead(key)
  }

  #add(stored: StoredCsr | undefined): void {
    if (stored === undefined) return
    for (const claim of stored.claims) this.#approved.add(claim, stored)
    this.#byUser.add(stored.username, stored)
  }

  #remove(stored: StoredCsr | undefined): void {
    if (stored === undefined) return
    for (const claim of stored.claims) this.#approved.delete(claim, stored)
    this.#byUser.delete(stored.username, stored)
  }
}

type Aged = Pick<StoredCsr, 'name' | 'createdAt' | 'pending'>

/**
 * Sorts the CSRs of one user by age. Timestamps have whole seconds; within a second, the one that was written last has the
 * greater resourceVersion. Names make the order total.
 */
function byAge(one: Aged, other: Aged): number {
  return (
    one.createdAt - other.createdAt ||
    inOrder(versionOf(one), versionOf(other)) ||
    inOrder(one.name, other.name)
  )
}

/** Sorts as text as the number does. */
function versionOf({ pending }: Aged): string {
  return (pending?.resourceVersion ?? '').padStart(20, '0')
}

function inOrder(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
