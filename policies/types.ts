/**
 * The words of the policy. Everything here is plain, frozen JSON, so that a decision's record
 * replays to the same verdict on any machine.
 */
export type { Failure, Outcome, Field, Finding, Verdict, Decision } from './decision.ts'

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

/** One attribute of a subject. `at` is its byte offset in the DER, here and below. */
export interface SubjectAttribute {
  /** Dotted, such as 2.5.4.3. */
  readonly oid: string
  /** The ASN.1 string type: PrintableString, UTF8String, or another's name. */
  readonly encoding: string
  readonly value: string
  readonly at: number
}

/** A subject alternative name. `value`: characters of a dNSName, an {@link Address} for an iPAddress of 4 or 16 octets, else the hex of the content. */
export interface San {
  readonly kind: SanKind
  readonly value: string
  readonly at: number
}

/** RFC 5280 §4.2.1.6, GeneralName, by context tag 0 to 8. */
export type SanKind =
  | 'otherName'
  | 'rfc822Name'
  | 'dNSName'
  | 'x400Address'
  | 'directoryName'
  | 'ediPartyName'
  | 'uniformResourceIdentifier'
  | 'iPAddress'
  | 'registeredID'

/** An attribute of the CertificationRequestInfo, RFC 2986 §4.1; `values` is how many its SET holds. */
export interface RequestAttribute {
  readonly oid: string
  readonly values: number
  readonly at: number
}

/** An extension of any extensionRequest, RFC 5280 §4.2. */
export interface RequestExtension {
  readonly oid: string
  readonly critical: boolean
  readonly at: number
}

export type PublicKey =
  /** `exponent` in decimal. */
  | { readonly type: 'RSA'; readonly bits: number; readonly exponent: string; readonly at: number }
  | {
      readonly type: 'ECDSA'
      readonly curve: 'P-256' | 'P-384' | 'P-521'
      readonly bits: number
      readonly at: number
    }
  | { readonly type: 'Ed25519'; readonly bits: 256; readonly at: number }
  /** Anything else, called by the name a person knows: `ML-DSA-65`, `P-224`, `explicit EC parameters`, an OID. */
  | { readonly type: 'unsupported'; readonly name: string; readonly at: number }

/** What the PKCS#10 request says, every part of it. */
export interface ParsedRequest {
  readonly readable: true
  /** The relative distinguished names in order; each has one attribute unless multi-valued. */
  readonly subject: readonly (readonly SubjectAttribute[])[]
  readonly attributes: readonly RequestAttribute[]
  readonly extensions: readonly RequestExtension[]
  /** How many subjectAltName extensions there are is in `extensions`; their names are here, in order. */
  readonly sans: readonly San[]
  readonly key: PublicKey
  readonly signature: {
    /** Such as `ECDSA-SHA256`, or the OID. */
    readonly algorithm: string
    /** Whether the algorithm can be made by that type of key. */
    readonly fitsKey: boolean
    /** True only after `parse` verified it; the service leaves that to the API server. A wrong signature is then a {@link Fault}. */
    readonly verified: boolean
    readonly at: number
  }
  /** SHA-256 of the SubjectPublicKeyInfo, hex. */
  readonly spkiSha256: string
}

/** Why a request cannot be read. `at` is the byte offset in what was being read (PEM text before the DER starts, else DER). */
export interface Fault {
  readonly readable: false
  readonly code: string
  readonly at: number
  readonly message: string
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
  /** Whether that Node was granted a certificate that has not expired: its kubelet would serve it. */
  readonly served: boolean
}

/** A name or address that another Node object was granted with a certificate that has not expired. */
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
  /** Since when no Node of that name reports or bears it; null while one does. */
  readonly leftAt: number | null
  /** Other addresses that the Node was granted, which show whether its machine is alive. */
  readonly elsewhere: readonly Address[]
}

/** A name or address that the requester's own Node object was granted, as {@link Holding}. */
export type Held = Pick<Holding, 'kind' | 'value' | 'grantedAt' | 'provenAt'>

/** What the requester's own Node object was granted with certificates that have not expired. */
export interface OwnGrants {
  readonly held: readonly Held[]
  /** Whether it was granted any certificate. */
  readonly served: boolean
  /** Addresses that it was granted within the last day, or holds, and that never answered for it. */
  readonly unproven: readonly Address[]
  /** Why it may have been granted more than is known here; null if this is all. */
  readonly incomplete: string | null
}

/** What was seen at an address, and whose the key is that answered there. */
export interface Probe {
  readonly address: Address
  readonly result: ProbeResult
  /** The name of the Node to which the key was granted, null if that is not known. */
  readonly grantedTo: string | null
}

/**
 * What was seen at the addresses asked for, and at others of those who hold them. `here`: as far as they were dialled.
 * `later`: the webhook judges, and the controller dials. `none`: nobody dials, or what is seen says nothing about anyone.
 */
export type Probes =
  | { readonly are: 'here'; readonly results: readonly Probe[] }
  | { readonly are: 'later' }
  | { readonly are: 'none'; readonly because: string }

/** A source beyond the Node's word confirms that a name or address is the requester's. */
export interface Vouching {
  readonly kind: Claim['kind']
  readonly value: string
  readonly source: string
}

/** A stored CSR that was approved. */
export interface Approved {
  readonly csr: string
  readonly username: string
}

/**
 * What the controller saw when it dialled an address on the kubelet's port. `certificate`: a TLS server and the certificate it
 * showed, with the Node that its common name names if the cluster's CA signed it, else null. `noCertificate`: the TLS alert
 * `internal_error` of a kubelet that has no certificate yet. `other`: something that is not TLS. `nothing`: no answer.
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
  /** What other Node objects hold of the names and addresses asked for. */
  readonly holdings: Known<readonly Holding[]>
  readonly own: Known<OwnGrants>
  readonly probes: Probes
  readonly vouched: Known<readonly Vouching[]>
  readonly reserved: Known<readonly Reservation[]>
  /** The name of a newer Pending CSR of the same user whose identity holds, null when there is none. */
  readonly newerPending: Known<string | null>
  /** When other CSRs of the same user were approved, in milliseconds since the epoch, in any order. */
  readonly approvals: Known<readonly number[]>
  /** Another CSR that was approved with the same public key, null when there is none. */
  readonly sameKey: Known<Approved | null>
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
