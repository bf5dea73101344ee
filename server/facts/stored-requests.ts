import { ignoreReason, SIGNER } from '../../policies/evaluate.ts'
import { addresses, commonNames, dnsNames, foldCase } from '../../policies/request.ts'
import type { Claim, CsrObject, Fault, Holding, ParsedRequest } from '../../policies/types.ts'
import type { Change, Store } from '../ports.ts'
import { keyOf } from './claims.ts'

/** What the watched copy of a stored CSR must keep for the facts. `request` as in `spec.request`. */
export interface StoredRequest {
  readonly csr: CsrObject
  readonly request: string
}

/** Reads without verifying the signature: the API server did before it stored the request. */
export type ReadUnverified = (request: string) => ParsedRequest | Fault

interface Indexed {
  readonly csr: CsrObject
  /** Names and addresses it was approved with. */
  readonly keys: readonly string[]
}

/** The stored CSRs by what they name and by who asked: who was approved with what, and which request is the newest. */
export class StoredRequests {
  readonly #read: ReadUnverified
  readonly #indexed = new Map<string, Indexed>()
  readonly #approved: Index = new Map()
  /** By user. Read only when there are two of one user: nearly all have one. */
  readonly #pending: Index = new Map()

  constructor(csrs: Store<StoredRequest>, read: ReadUnverified) {
    this.#read = read
    for (const stored of csrs.values()) this.#add(stored)
    csrs.subscribe((change) => this.#apply(change))
  }

  /** The last approved CSR for each of the claims that has one. */
  holdings(claims: readonly Claim[]): Holding[] {
    return claims.flatMap(({ kind, value }) => {
      const last = newest(this.#approved.get(keyOf(kind, value))?.values() ?? [])
      if (last === undefined) return []
      return [{ kind, value, username: last.requester.username, csr: last.name, createdAt: last.createdAt }]
    })
  }

  /** The name of a Pending CSR of the same user that is newer, null when there is none. Same second, neither is. */
  newerPending({ requester, createdAt, name }: CsrObject): string | null {
    const others = [...(this.#pending.get(requester.username)?.values() ?? [])]
    const newer = others.filter(({ csr }) => csr.name !== name && csr.createdAt > createdAt)
    const last = newest(newer.filter((stored) => this.#identityHolds(stored)))
    return last?.name ?? null
  }

  #identityHolds({ csr, request }: StoredRequest): boolean {
    const parsed = this.#read(request)
    return parsed.readable && commonNames(parsed).join() === csr.requester.username
  }

  #apply({ key, after }: Change<StoredRequest>): void {
    const before = this.#indexed.get(key)
    this.#remove(key)
    if (after !== undefined) this.#add(after, before)
  }

  /** `before`: as it was indexed until now; a request never changes while its object lives. */
  #add(stored: StoredRequest, before?: Indexed): void {
    const { csr } = stored
    if (csr.signerName !== SIGNER) return
    const isPending = ignoreReason(csr) === null
    const keys = isApproved(csr) ? this.#keysOf(stored, before) : []
    if (isPending) put(this.#pending, csr.requester.username, stored)
    for (const key of keys) put(this.#approved, key, stored)
    if (isPending || keys.length > 0) this.#indexed.set(csr.name, { csr, keys })
  }

  #keysOf({ csr, request }: StoredRequest, before: Indexed | undefined): readonly string[] {
    if (before?.csr.uid === csr.uid && before.keys.length > 0) return before.keys
    const parsed = this.#read(request)
    return parsed.readable ? keysOf(parsed) : []
  }

  #remove(name: string): void {
    const indexed = this.#indexed.get(name)
    if (indexed === undefined) return
    this.#indexed.delete(name)
    for (const key of indexed.keys) drop(this.#approved, key, name)
    drop(this.#pending, indexed.csr.requester.username, name)
  }
}

function isApproved({ conditions }: CsrObject): boolean {
  return conditions.includes('Approved') && !conditions.includes('Failed')
}

function keysOf(request: ParsedRequest): string[] {
  const names = dnsNames(request).map((name) => keyOf('dNSName', foldCase(name)))
  return [...names, ...addresses(request).map((address) => keyOf('iPAddress', address))]
}

function newest(stored: Iterable<StoredRequest>): CsrObject | undefined {
  let last: CsrObject | undefined
  for (const { csr } of stored) if (last === undefined || csr.createdAt > last.createdAt) last = csr
  return last
}

type Index = Map<string, Map<string, StoredRequest>>

function put(index: Index, key: string, stored: StoredRequest): void {
  const entries = index.get(key)
  if (entries === undefined) index.set(key, new Map([[stored.csr.name, stored]]))
  else entries.set(stored.csr.name, stored)
}

function drop(index: Index, key: string, name: string): void {
  const entries = index.get(key)
  entries?.delete(name)
  if (entries?.size === 0) index.delete(key)
}
