/** What an operator may tune: the policy file's content after defaults, plain JSON. */
export interface Settings {
  /** The cluster's DNS domain; every name under it is reserved. */
  readonly clusterDomain: string
  /** `enforce`: refuse and deny. `dryRun`: judge and report, write and refuse nothing. `approveOnly`: never refuse, never deny. */
  readonly mode: 'enforce' | 'dryRun' | 'approveOnly'
  /** Whether the controller denies a stored CSR with a violation; null: as the webhook is on or off. */
  readonly denyStored: boolean | null
  /** Seconds a stored CSR may stay `notYet` before it is denied, so that its kubelet asks again. */
  readonly patienceSeconds: number
  /** CSRs from users that are no nodes: refused, or left to somebody else. */
  readonly foreignRequesters: 'refuse' | 'ignore'
  readonly requireAddress: boolean
  /** What a name or address needs that the Node was not granted before. */
  readonly proof: {
    /**
     * `off`: nothing, and nothing is dialled. `warn`: it is told where the address does not answer for the Node. `auto`: it is
     * refused where other kubelets of the pool answer, and told elsewhere. `require`: it is refused.
     */
    readonly addresses: 'auto' | 'require' | 'warn' | 'off'
    /** `warn`: it is told where nothing shows that the name is the Node's. `require`: it is refused. */
    readonly names: 'require' | 'warn'
    /** Prefixes as text of external addresses that the controller does not reach. */
    readonly unreachable: readonly string[]
  }
  /** Names and addresses that the Node was not granted before: allowed, or only if a source vouches for them. */
  readonly onAddition: 'allow' | 'requireSource'
  /** Upper bound of `spec.expirationSeconds`, null for none. A stock kubelet sends none. */
  readonly maxExpirationSeconds: number | null
  readonly keys: {
    readonly allowed: readonly KeyKind[]
    readonly rsaMinBits: number
  }
  /** Of the requester, as the API server authenticated it. `refused`: SHA-256 of client certificates, 64 hex digits. */
  readonly credential: { readonly require: boolean; readonly refused: readonly string[] }
  /** Never given to a node, besides the built-in ones. */
  readonly reserved: {
    readonly names: readonly string[]
    /** Addresses or prefixes as text. */
    readonly addresses: readonly string[]
    /** The names of Services in these namespaces. */
    readonly namespaces: readonly string[]
  }
  /** RE2 patterns, whole string; where given, every DNS name must match one. */
  readonly names: { readonly patterns: readonly string[] }
  /** Prefixes as text; where given, every address must be inside one. */
  readonly addresses: { readonly prefixes: readonly string[] }
  /** Where given, at least one of these must vouch for each name and address, besides the Node's own report. */
  readonly sources: readonly SourceKind[]
  /** Nodes with settings of their own. The first pool that a Node's name matches is its pool. */
  readonly pools: readonly PoolSettings[]
}

/** What the nodes of one pool have of their own. What is absent is as for all other nodes. */
export interface PoolSettings
  extends Partial<
    Pick<Settings, 'mode' | 'requireAddress' | 'maxExpirationSeconds' | 'names' | 'addresses' | 'sources'>
  > {
  readonly name: string
  /** RE2 patterns, whole string, for the names of Nodes: a kubelet cannot choose its own, as it can most labels. */
  readonly nodes: readonly string[]
  readonly keys?: Partial<Settings['keys']>
  readonly proof?: Partial<Settings['proof']>
}

/**
 * Who says which names and addresses a node has, other than the node: the operator's inventory, the Machines of Cluster API
 * or OpenShift, the DNS.
 */
export type SourceKind = 'inventory' | 'clusterApi' | 'dns'

/** Kinds of key that kubelets may have one day, and that no signer can read before its Go can. */
export const FUTURE_KEYS: readonly string[] = ['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87']

export type KeyKind = 'RSA' | 'ECDSA-P256' | 'ECDSA-P384' | 'ECDSA-P521' | 'Ed25519'

/** An empty policy file is a good policy: this one. */
export const defaultSettings: Settings = {
  clusterDomain: 'cluster.local',
  mode: 'enforce',
  denyStored: null,
  patienceSeconds: 30,
  foreignRequesters: 'refuse',
  requireAddress: true,
  proof: { addresses: 'auto', names: 'warn', unreachable: [] },
  onAddition: 'allow',
  maxExpirationSeconds: null,
  keys: { allowed: ['RSA', 'ECDSA-P256', 'ECDSA-P384', 'ECDSA-P521', 'Ed25519'], rsaMinBits: 2048 },
  credential: { require: false, refused: [] },
  reserved: { names: [], addresses: [], namespaces: ['kube-system'] },
  names: { patterns: [] },
  addresses: { prefixes: [] },
  sources: [],
  pools: [],
}
