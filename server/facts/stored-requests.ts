import { ignoreReason, SIGNER } from '../../policies/evaluate.ts'
import { addresses, commonNames, dnsNames, foldCase } from '../../policies/request.ts'
import type { Claim, CsrObject, Fault, Holding, ParsedRequest } from '../../policies/types.ts'
import type { Change, Watched } from '../ports.ts'
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
  readonly keys: readonly string[]
}

/** The stored CSRs by what they name and by who asked: who was approved with what, and which request is the newest. */
export class StoredRequests {
  readonly #read: ReadUnverified
  readonly #indexed = new Map<string, Indexed>()
  readonly #approved = new Map<string, Map<string, CsrObject>>()
  readonly #pending = new Map<string, Map<string, CsrObject>>()

  constructor(csrs: Watched<StoredRequest>, read: ReadUnverified) {
    this.#read = read
    for (const stored of csrs.values()) this.#add(stored)
    csrs.subscribe((change) => this.#apply(change))
  }

  /** The last approved CSR for each of the claims that has one. */
  holdings(claims: readonly Claim[]): Holding[] {
    return claims.flatMap(({ kind, value }) => {
      const last = newest(this.#approved.get(keyOf(kind, value)))
      if (last === undefined) return []
      return [{ kind, value, username: last.requester.username, csr: last.name, createdAt: last.createdAt }]
    })
  }

  /** The name of a Pending CSR of the same user that is newer, null when there is none. Same second, neither is. */
  newerPending({ requester, createdAt, name }: CsrObject): string | null {
    const last = newest(this.#pending.get(requester.username))
    return last !== undefined && last.name !== name && last.createdAt > createdAt ? last.name : null
  }

  #apply({ key, after }: Change<StoredRequest>): void {
    this.#remove(key)
    if (after !== undefined) this.#add(after)
  }

  #add({ csr, request }: StoredRequest): void {
    const approved = isApproved(csr)
    const pending = ignoreReason(csr) === null
    if (csr.signerName !== SIGNER || (!approved && !pending)) return
    const parsed = this.#read(request)
    if (!parsed.readable) return
    const indexed = { csr, keys: approved ? keysOf(parsed) : [] }
    this.#indexed.set(csr.name, indexed)
    for (const key of indexed.keys) put(this.#approved, key, csr)
    const identityHolds = commonNames(parsed).join() === csr.requester.username
    if (pending && identityHolds) put(this.#pending, csr.requester.username, csr)
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

function newest(csrs: ReadonlyMap<string, CsrObject> | undefined): CsrObject | undefined {
  let last: CsrObject | undefined
  for (const csr of csrs?.values() ?? []) if (last === undefined || csr.createdAt > last.createdAt) last = csr
  return last
}

function put(index: Map<string, Map<string, CsrObject>>, key: string, csr: CsrObject): void {
  const entries = index.get(key)
  if (entries === undefined) index.set(key, new Map([[csr.name, csr]]))
  else entries.set(csr.name, csr)
}

function drop(index: Map<string, Map<string, CsrObject>>, key: string, name: string): void {
  const entries = index.get(key)
  entries?.delete(name)
  if (entries?.size === 0) index.delete(key)
}
