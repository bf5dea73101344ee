/**
 * The words of the policy. Everything here is plain, frozen JSON, so that a decision's record
 * replays to the same verdict on any machine.
 */
import type { Fault, ParsedRequest } from './parsed-request.ts'
import type { SourceKind } from './settings.ts'

export type * from './decision.ts'
export type * from './parsed-request.ts'

/** What a CSR is judged for: to be stored at all, to be approved by the controller, or to be approved by somebody else. */
export type Purpose = 'admit' | 'approve' | 'guard'

/**
 * What a check may look at, in the order in which facts are gathered:
 * `request` nothing but the object, `cluster` Nodes and reservations, `truth` sources beyond the Node's word,
 * `timeliness` whether anyone still waits for the certificate, and whether the node has had its share; weighed last, never in
 * place of another finding.
 */
export type Stage = 'request' | 'cluster' | 'truth' | 'timeliness'

/** A fact that had to be learnt from somewhere else, or why it could not be. */
export type Known<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly because: string }

/** An IP address as the lower-case hex of its octets: 8 digits for IPv4, 32 for IPv6. Two spellings cannot differ. */
export type Address = string

export type Family = 'IPv4' | 'IPv6'

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
  /** Those of them that are reported as ExternalIP only; absent if there are none. */
  readonly external?: readonly Address[]
}

/** Another Node that reports one of the names or addresses asked for, or bears the name as its own. */
export interface Claim {
  readonly kind: 'dNSName' | 'iPAddress'
  readonly value: string
  readonly node: string
  /** Whether that Node carries the control-plane role label, as {@link NodeFacts.controlPlane}. */
  readonly controlPlane: boolean
  /** Whether that Node was ever granted a certificate: its kubelet does not wait for its first one. */
  readonly served: boolean
  readonly precedence: Precedence
}

/**
 * How a Node came to report an address. 2: with its first addresses, and a kubelet may have waited there. 1: with its first
 * addresses, before a kubelet waited there. 0: later.
 */
export type Precedence = 0 | 1 | 2

/**
 * What an address showed when it was granted: the Node's own certificate, then or earlier; a kubelet that waited for its first;
 * nobody, or something else. Of a name, `own`: it led to addresses that were proven; `silent`: it did not. Null where nobody
 * looked.
 */
export type GrantSight = 'own' | 'waiting' | 'silent' | null

/** A name or address that another Node object was granted. It holds it while it exists, and for ten minutes afterwards. */
export interface Holding {
  readonly kind: Claim['kind']
  readonly value: string
  /** The name of that Node. It may be the requester's own, of an earlier Node object. */
  readonly node: string
  /** Whether that Node exists and carries the control-plane role label. */
  readonly controlPlane: boolean
  /** The CSR with which it was granted last. */
  readonly csr: string
  /** When it was granted last, in milliseconds since the epoch, as all times here. */
  readonly grantedAt: number
  /** When the address was last seen to answer for that Node, null if never. */
  readonly provenAt: number | null
  readonly sight: GrantSight
  /** Since when no Node of that name reports or bears it; null while one does. */
  readonly leftAt: number | null
  /** Other addresses that the Node was granted: its names move with them. */
  readonly elsewhere: readonly Address[]
}

/** A name or address that the requester's own Node object was granted, as {@link Holding}. */
export type Held = Pick<Holding, 'kind' | 'value' | 'grantedAt' | 'provenAt' | 'sight'>

/** What the requester's own Node object was granted, and when it reported it first. */
export interface OwnGrants {
  readonly held: readonly Held[]
  /** Whether it was granted any certificate. */
  readonly served: boolean
  /** How many more it may be granted without proof. */
  readonly unprovenLeft: number
  /** Of the addresses asked for; one that is absent has 0. */
  readonly precedence: Readonly<Record<Address, Precedence>>
  /** Of the addresses asked for, those that it has reported for less than a second, and for how long. */
  readonly reportedMs: Readonly<Record<Address, number>>
  /** Why it may have been granted more than is known here; null if this is all. */
  readonly incomplete: string | null
  /** Why other Nodes may have been granted more than is known here; null if this is all. */
  readonly othersIncomplete: string | null
}

/** What was seen at an address, and whose the key is that answered there. */
export interface Probe {
  readonly address: Address
  readonly result: ProbeResult
  /** The name of the Node to which the key was granted, null if that is not known. */
  readonly grantedTo: string | null
  /** For how long the Node to which the certificate belongs does not exist; 0 while it does. */
  readonly ownerGoneMs: number
}

/**
 * What was seen at the addresses asked for. `here`: as far as they were dialled. `later`: the webhook judges, and the
 * controller dials. `off`: nobody is to look. `none`: who judges cannot look.
 */
export type Probes =
  | {
      readonly kind: 'here'
      readonly results: readonly Probe[]
      /** Why addresses are not among the results; absent if they only have not been dialled yet. */
      readonly because?: string
      /** Whether an operator approves what is not among the results, without proof. */
      readonly waived?: true
      /**
       * Whether the network to kubelets of the same pool works: then silence is no fault of it. Absent where that was not
       * looked at.
       */
      readonly network: Readonly<Partial<Record<Family, 'works' | 'uncertain'>>>
    }
  | { readonly kind: 'later' | 'off' }
  | { readonly kind: 'none'; readonly because: string }

/** What DNS answered for a name. */
export interface Lookup {
  /** Lower case. */
  readonly name: string
  /** All its addresses. */
  readonly leadsTo: Known<readonly Address[]>
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
  /** Those of them that other Nodes may have as well, such as all in a prefix: these settle no contest. Absent if there are none. */
  readonly shared?: readonly string[]
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
export type Sight =
  | {
      readonly kind: 'certificate'
      /** SHA-256 of its SubjectPublicKeyInfo, hex. */
      readonly spkiSha256: string
      readonly node: string | null
    }
  | { readonly kind: 'noCertificate' | 'other' | 'nothing' }

export type ProbeResult = Sight & {
  /** How long the address has shown the same; 0 if this was the first time that it was dialled. */
  readonly forMs: number
}

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
  /** What other Node objects hold of the names and addresses asked for. */
  readonly holdings: Known<readonly Holding[]>
  readonly own: Known<OwnGrants>
  readonly probes: Probes
  /** What DNS answered for names asked for, as far as they were looked up; null where nobody asks it. */
  readonly lookups: readonly Lookup[] | null
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
  readonly purpose: Purpose
  /** Milliseconds since the epoch by the API server's clock. */
  readonly now: number
  readonly csr: CsrObject
  /** Who creates the CSR, for `admit`: `userInfo` of the admission request. Else null. */
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
