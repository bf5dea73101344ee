/** What Nodes were granted, as the ledger keeps it. Times are milliseconds since the epoch. */

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
  /** Since when the Node no longer reports it or asks for it, null while it does. */
  readonly leftAt: number | null
}

/** The grants of one Node object. */
export interface NodeGrants {
  readonly node: string
  readonly uid: string
  readonly last: Grant
  /** Earlier ones that have not expired: a kubelet serves its old certificate until it has the new one. */
  readonly earlier: readonly Pick<Grant, 'csr' | 'key' | 'notAfter'>[]
  readonly values: readonly GrantedValue[]
  /** Since when there is no such Node object, null while there is. */
  readonly goneAt: number | null
}

/** What decisions read of the ledger. */
export interface Grants {
  of(uid: string): NodeGrants | undefined
  /** All that were granted a name, an address or a public key: a `claimKey` or a `keyClaim`. */
  having(claim: string): readonly NodeGrants[]
  /** Why a Node may have been granted more than is known here; null if nothing is missing. */
  incomplete(node: string): string | null
  /** When an operator released a name or address: earlier approvals do not count. -Infinity if nobody did. */
  releasedAt(claim: string): number
}
