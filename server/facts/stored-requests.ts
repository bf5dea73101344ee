import { ignoreReason, SIGNER } from '../../policies/evaluate.ts'
import { addresses, commonNames, dnsNames, foldCase } from '../../policies/request.ts'
import type { Claim, CsrObject, Fault, Holding, ParsedRequest } from '../../policies/types.ts'
import { Multimap } from '../multimap.ts'
import type { Change, CsrReading, Store } from '../ports.ts'
import { keyOf } from './claims.ts'

/** Parses a request without verifying its signature, which the API server did before it stored the request. */
export type ReadUnverified = (request: string) => ParsedRequest | Fault

interface Indexed {
  readonly stored: CsrReading
  /** Index keys of the names and addresses that it was approved with. */
  readonly keys: readonly string[]
}

/** An index of the stored CSRs: the approved ones by name and address, the pending ones by user. */
export class StoredRequests {
  readonly #read: ReadUnverified
  readonly #indexed = new Map<string, Indexed>()
  readonly #approved = new Multimap<CsrReading>()
  /** By user. A request is parsed only if its user has two, which is rare. */
  readonly #pending = new Multimap<CsrReading>()

  constructor(csrs: Store<CsrReading>, read: ReadUnverified) {
    this.#read = read
    for (const stored of csrs.values()) this.#add(stored)
    csrs.subscribe((change) => this.#apply(change))
  }

  /** The newest approved CSR for each claim, if there is one. */
  holdings(claims: readonly Claim[]): Holding[] {
    return claims.flatMap(({ kind, value }) => {
      const last = newest(this.#approved.get(keyOf(kind, value)))
      if (last === undefined) return []
      return [{ kind, value, username: last.requester.username, csr: last.name, createdAt: last.createdAt }]
    })
  }

  /** The name of the newest pending CSR of the same user, if it is newer than this one, else null. */
  newerPending({ requester, createdAt, name }: CsrObject): string | null {
    const others = [...this.#pending.get(requester.username)]
    const newer = others.filter(({ csr }) => csr.name !== name && csr.createdAt > createdAt)
    const last = newest(newer.filter((stored) => this.#identityHolds(stored)))
    return last?.name ?? null
  }

  #identityHolds({ csr, request }: CsrReading): boolean {
    const parsed = this.#read(request)
    return parsed.readable && commonNames(parsed).join() === csr.requester.username
  }

  #apply({ key, after }: Change<CsrReading>): void {
    const before = this.#indexed.get(key)
    this.#remove(key)
    if (after !== undefined) this.#add(after, before)
  }

  /** @param before the previous index entry, reused since `spec.request` is immutable */
  #add(stored: CsrReading, before?: Indexed): void {
    const { csr } = stored
    if (csr.signerName !== SIGNER) return
    const isPending = ignoreReason(csr) === null
    const keys = isApproved(csr) ? this.#keysOf(stored, before) : []
    if (isPending) this.#pending.add(csr.requester.username, stored)
    for (const key of keys) this.#approved.add(key, stored)
    if (isPending || keys.length > 0) this.#indexed.set(csr.name, { stored, keys })
  }

  #keysOf({ csr, request }: CsrReading, before: Indexed | undefined): readonly string[] {
    if (before?.stored.csr.uid === csr.uid && before.keys.length > 0) return before.keys
    const parsed = this.#read(request)
    return parsed.readable ? keysOf(parsed) : []
  }

  #remove(name: string): void {
    const indexed = this.#indexed.get(name)
    if (indexed === undefined) return
    this.#indexed.delete(name)
    const { stored, keys } = indexed
    for (const key of keys) this.#approved.delete(key, stored)
    this.#pending.delete(stored.csr.requester.username, stored)
  }
}

function isApproved({ conditions }: CsrObject): boolean {
  return conditions.includes('Approved') && !conditions.includes('Failed')
}

function keysOf(request: ParsedRequest): string[] {
  const names = dnsNames(request).map((name) => keyOf('dNSName', foldCase(name)))
  return [...names, ...addresses(request).map((address) => keyOf('iPAddress', address))]
}

function newest(stored: Iterable<CsrReading>): CsrObject | undefined {
  let last: CsrObject | undefined
  for (const { csr } of stored) if (last === undefined || csr.createdAt > last.createdAt) last = csr
  return last
}
