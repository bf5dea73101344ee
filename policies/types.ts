/**
 * The words of the policy. Everything here is plain, frozen JSON, so that a decision's record
 * replays to the same verdict on any machine.
 */
import type { CheckCode, DecisionReason } from './codes.ts'
import type { Fault, ParsedRequest } from './parsed-request.ts'
import type { SourceKind } from './settings.ts'

export type * from './parsed-request.ts'

/** Which component of the product judges: the webhook at creation, the controller on what was stored. */
export type Component = 'webhook' | 'controller'

/**
 * What a check may look at, in the order in which facts are gathered:
 * `request` nothing but the object, `cluster` Nodes and reservations, `truth` sources beyond the Node's word,
 * `standing` whether anyone still waits for the certificate, and whether the node has had its share; weighed last, never in
 * place of another finding.
 */
export type Stage = 'request' | 'cluster' | 'truth' | 'standing'

/** A fact that had to be learnt from somewhere else, or why it could not be. */
export type Known<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly because: string }

/** An IP address as the lower-case hex of its octets: 8 digits for IPv4, 32 for IPv6. Two spellings cannot differ. */
export type Address = string

/** A range of addresses: the first `bits` bits of `address`, whose other bits are zero. */
export interface Prefix {
  readonly address: Address
  readonly bits: number
}

/** Who asks, as the API server authenticated it: `spec.username`, `.uid`, `.groups`, `.extra`. */
export interface Identity {
  readonly username: string
  readonly uid: string
  readonly groups: readonly string[]
  readonly extra: Readonly<Record<string, readonly string[]>>
}

/** A CertificateSigningRequest without its `spec.request`. Times are milliseconds since the epoch. */
export interface CsrObject {
  readonly name: string
  readonly uid: string
  readonly createdAt: number
  readonly deleting: boolean
  readonly finalizers: number
  readonly ownerReferences: number
  readonly signerName: string
  readonly usages: readonly string[]
  readonly expirationSeconds: number | null
  readonly requester: Identity
  /** Types of its conditions: Approved, Denied, Failed. */
  readonly conditions: readonly string[]
  /** Whether `status.certificate` is set. */
  readonly issued: boolean
}

/** A Node, reduced to what is judged. */
export interface NodeFacts {
  readonly name: string
  readonly uid: string
  readonly createdAt: number
  readonly deleting: boolean
  /** Carries the taint `node.cloudprovider.kubernetes.io/uninitialized`. */
  readonly uninitialized: boolean
  /** Carries the label `node-role.kubernetes.io/control-plane`, which NodeRestriction keeps a kubelet from setting. */
  readonly controlPlane: boolean
  /** Reported DNS names, lower case. */
  readonly names: readonly string[]
  /** Reported addresses. */
  readonly addresses: readonly Address[]
  /** `spec.providerID`, which a kubelet may choose when it registers; absent if it is empty. */
  readonly providerId?: string
}

/** Another Node that reports one of the names or addresses asked for, or bears the name as its own. */
export interface Claim {
  readonly kind: 'dNSName' | 'iPAddress'
  readonly value: string
  readonly node: string
  /** Whether that Node carries the control-plane role label, as {@link NodeFacts.controlPlane}. */
  readonly controlPlane: boolean
}

/** Who was last approved with a contested name or address, from the stored CSRs. */
export interface Holding {
  readonly kind: 'dNSName' | 'iPAddress'
  readonly value: string
  readonly username: string
  readonly csr: string
  readonly createdAt: number
}

/** What one source of truth says of a request. */
export interface Vouched {
  readonly source: SourceKind
  readonly vouches: Known<Vouching>
}

/** What a source vouches for, of what is asked for. */
export interface Vouching {
  /** Lower case. */
  readonly names: readonly string[]
  readonly addresses: readonly Address[]
  /** What it has of the Node, for a message: `the inventory has no line for worker-3`. */
  readonly says: string
}

/** A stored CSR that was approved. */
export interface Approved {
  readonly csr: string
  readonly username: string
}

/**
 * What the controller saw when it dialled an address on the kubelet's port. `certificate`: a TLS server and the certificate it
 * showed, with the Node that its common name names if the cluster's CA signed it, else null. `noCertificate`: the TLS alert
 * `internal_error` of a kubelet that has no certificate yet. `other`: another alert, or something that is not TLS. `nothing`:
 * no answer, or a refused connection.
 */
export type ProbeResult =
  | {
      readonly saw: 'certificate'
      /** SHA-256 of its SubjectPublicKeyInfo, hex. */
      readonly spkiSha256: string
      readonly node: string | null
    }
  | { readonly saw: 'noCertificate' | 'other' }
  /** `forMs`: how long the address has been silent; 0 if this was the first time that it was dialled. */
  | { readonly saw: 'nothing'; readonly forMs: number }

/** A name, address or range that belongs to the cluster and not to a Node. */
export interface Reservation {
  readonly kind: 'name' | 'domain' | 'address' | 'prefix'
  /** A lower-case name, a domain with every name under it, an {@link Address}, or `address/bits` with the address in hex. */
  readonly value: string
  /** Whose it is, for people: `the API server's certificate`, `ServiceCIDR kubernetes`. */
  readonly origin: string
  /** The API server's own: allowed on the control-plane Node that reports it. */
  readonly apiServer: boolean
}

/** What the cluster says, narrowed to what concerns one request. */
export interface ClusterFacts {
  /** The requester's own Node, null when there is none. */
  readonly node: Known<NodeFacts | null>
  readonly claims: Known<readonly Claim[]>
  readonly holdings: Known<readonly Holding[]>
  readonly reserved: Known<readonly Reservation[]>
  /** The name of a newer Pending CSR of the same user whose identity holds, null when there is none. */
  readonly newerPending: Known<string | null>
  /** When other CSRs of the same user were approved, in milliseconds since the epoch, in any order. */
  readonly approvals: Known<readonly number[]>
  /** Another CSR that was approved with the same public key, null when there is none. */
  readonly sameKey: Known<Approved | null>
  /** Of each source of truth that is configured, whether the policy asks it or not. */
  readonly vouched: readonly Vouched[]
}

/** All that a decision is made from. */
export interface Facts {
  readonly component: Component
  /** Milliseconds since the epoch by the API server's clock. */
  readonly now: number
  readonly csr: CsrObject
  /** The caller of an admission request (`userInfo`), null in the controller. */
  readonly caller: Identity | null
  readonly request: ParsedRequest | Fault
  /** Null until gathered: a violation of the request stage ends before any look-up. */
  readonly cluster: ClusterFacts | null
}

/** Facts as the checks of the request stage see them: the request could be read. */
export interface RequestStage extends Facts {
  readonly request: ParsedRequest
}

/** Facts as the later checks see them. */
export interface ClusterStage extends RequestStage {
  readonly cluster: ClusterFacts
}

export interface Failure {
  readonly outcome: 'fail'
  /** For logs, Events, conditions and proven callers: one line, safe to print. */
  readonly detail: string
  /**
   * The same for a caller who may be anybody: what was asked and what to check, nothing of the cluster or the policy.
   * Default: the detail, for a check of the request stage; for the others, a sentence that says nothing.
   */
  readonly publicDetail?: string
  /** The byte offset in the DER of what is wrong. */
  readonly at?: number
  /** The time from now until the same request passes, where that is certain. */
  readonly retryAfterMs?: number
}

/** How a check came out. */
export type Outcome =
  | { readonly outcome: 'pass' }
  | Failure
  | { readonly outcome: 'unknown'; readonly detail: string }

/** Where in a CertificateSigningRequest a finding points, for programs that read the answers. */
export type Field =
  | 'metadata'
  | 'spec.request'
  | 'spec.username'
  | 'spec.extra'
  | 'spec.usages'
  | 'spec.expirationSeconds'

/** What a check leaves behind. */
export interface Finding {
  readonly code: CheckCode
  readonly field: Field
  readonly outcome: 'pass' | 'violation' | 'notYet' | 'unknown' | 'skipped' | 'error'
  readonly detail: string
  /** For a caller who may be anybody: {@link Failure}. Absent if the detail itself is. */
  readonly publicDetail?: string
  readonly at?: number
  readonly retryAfterMs?: number
}

export type Verdict = 'approve' | 'deny' | 'notYet' | 'unknown' | 'ignore' | 'error'

/** What is decided about one CSR. `reason` heads `message`, since a kubelet's log shows only the message. */
export interface Decision {
  readonly verdict: Verdict
  readonly reason: DecisionReason
  readonly message: string
  readonly findings: readonly Finding[]
  /** False when no kubelet waits for this certificate any more. */
  readonly awaited: boolean
  /** How long after it was judged the same request passes; absent where that is not known. */
  readonly retryAfterMs?: number
  readonly policyHash: string
  /** The pool of the policy whose rules were applied; absent for a node outside every pool. */
  readonly pool?: string
  /** Where the policy asks sources of truth: the first that vouches, by name or address as text. */
  readonly vouched?: Readonly<Record<string, SourceKind>>
}
