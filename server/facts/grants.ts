/** What Nodes were granted, as the ledger keeps it. Times are milliseconds since the epoch. */
import type { GrantSight } from '../../policies/types.ts'
import type { Limits } from '../../policies/limits.ts'

/** A certificate that was approved. */
export interface Grant {
  readonly csr: string
  /** The first 128 bits of the SHA-256 of its public key, hex. */
  readonly key: string
  /** `authentication.kubernetes.io/credential-id` of the requester: which client certificate asked. Null if not known. */
  readonly credentialId: string | null
  readonly approvedAt: number
  /** When it expires: as it was asked for, or a year later, the signer's default, where that is not known. */
  readonly notAfter: number
}

/** A name or address that a Node was granted. */
export interface GrantedValue {
  /** As `claimKey`. */
  readonly claim: string
  /** Since when it has been granted without interruption. */
  readonly heldAt: number
  /** When it was granted last. */
  readonly grantedAt: number
  /** When the address was last seen to answer for the Node, null if never. */
  readonly provenAt: number | null
  readonly sight: GrantSight
  /** Since when the Node no longer reports it or asks for it, null while it does. */
  readonly leftAt: number | null
}

export interface Spent {
  readonly count: number
  readonly at: number
}

/** What is left of it at a time later than it was counted: one is forgotten each day. */
export function spentAt({ count, at }: Spent, now: number, { unprovenForgottenMs }: Limits): number {
  return Math.max(0, count - Math.floor(Math.max(0, now - at) / unprovenForgottenMs))
}

/** How many more addresses a Node may be granted without proof, by all records of its name. */
export function unprovenLeft(all: readonly NodeGrants[], now: number, limits: Limits): number {
  const spent = all.map((grants) => spentAt(grants.spent, now, limits))
  return Math.max(0, limits.unprovenMax - spent.reduce((sum, count) => sum + count, 0))
}

/** The grants of one Node object. */
export interface NodeGrants {
  readonly node: string
  readonly uid: string
  readonly last: Grant
  /** Earlier ones that have not expired: a kubelet serves its old certificate until it has the new one. */
  readonly earlier: readonly Pick<Grant, 'csr' | 'key' | 'notAfter'>[]
  readonly values: readonly GrantedValue[]
  /** Addresses that were granted although nobody answered: how many, less one for each day that passed, and when it was last counted. */
  readonly spent: Spent
  /** Since when there is no such Node object, null while there is. */
  readonly goneAt: number | null
}

/** What decisions read of the ledger. */
export interface Grants {
  of(uid: string): NodeGrants | undefined
  /** All records of Nodes of that name, the earlier ones too. */
  called(node: string): readonly NodeGrants[]
  /** All that were granted a name, an address or a public key: a `claimKey` or a `keyClaim`. */
  having(claim: string): readonly NodeGrants[]
  /** Why a Node may have been granted more than is known here; null if nothing is missing. */
  incomplete(node: string): string | null
  /** The same, of any Node. */
  incompleteAnywhere(): string | null
  /** Since when it is known whether a Node of that name was granted anything; Infinity where it is not. */
  since(node: string): number
  /** When an operator released a name or address: earlier approvals do not count. -Infinity if nobody did. */
  releasedAt(claim: string): number
}
