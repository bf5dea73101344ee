import { commonNames } from '../../policies/request.ts'
import type { Claim, CsrObject, Holding } from '../../policies/types.ts'
import { Multimap } from '../multimap.ts'
import type { Change, Store } from '../ports.ts'
import { claimKey } from './claims.ts'
import type { ReadUnverified, StoredCsr } from './stored-csr.ts'

/** An index of the stored CSRs: the approved ones by name and address, the pending ones by user. */
export class StoredRequests {
  readonly #read: ReadUnverified
  readonly #approved = new Multimap<StoredCsr>()
  /** By user. Requests are read only when there are two of one user: nearly all have one. */
  readonly #pending = new Multimap<StoredCsr>()

  constructor(csrs: Store<StoredCsr>, read: ReadUnverified) {
    this.#read = read
    for (const stored of csrs.values()) this.#add(stored)
    csrs.subscribe((change) => this.#apply(change))
  }

  /** The newest approved CSR for each claim, if there is one. */
  holdings(claims: readonly Claim[]): Holding[] {
    return claims.flatMap(({ kind, value }) => {
      const last = newest(this.#approved.get(claimKey(kind, value)))
      if (last === undefined) return []
      return [{ kind, value, username: last.username, csr: last.name, createdAt: last.createdAt }]
    })
  }

  /** The name of the newest pending CSR of the same user, if it is newer than this one, else null. */
  newerPending({ requester, createdAt, name }: CsrObject): string | null {
    const others = [...this.#pending.get(requester.username)]
    const newer = others.filter((stored) => stored.name !== name && stored.createdAt > createdAt)
    return newest(newer.filter((stored) => this.#identityHolds(stored)))?.name ?? null
  }

  #identityHolds({ pending, username }: StoredCsr): boolean {
    if (pending?.whole !== true || pending.csr.deleting) return false
    const request = this.#read(pending.request)
    return request.readable && commonNames(request).join() === username
  }

  #apply({ before, after }: Change<StoredCsr>): void {
    if (before !== undefined) {
      for (const claim of before.claims) this.#approved.delete(claim, before)
      this.#pending.delete(before.username, before)
    }
    if (after !== undefined) this.#add(after)
  }

  #add(stored: StoredCsr): void {
    for (const claim of stored.claims) this.#approved.add(claim, stored)
    if (stored.pending !== null) this.#pending.add(stored.username, stored)
  }
}

function newest(stored: Iterable<StoredCsr>): StoredCsr | undefined {
  let last: StoredCsr | undefined
  for (const one of stored) if (last === undefined || one.createdAt > last.createdAt) last = one
  return last
}
