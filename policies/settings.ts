/** What an operator may tune: the one schema of the policy. The config file, the chart's values and the docs contain it. */
import { type Static, type TSchema, Type } from 'typebox'
import { defaultsOf } from './filled-in.ts'
import {
  addresses,
  dnsName,
  group,
  keys,
  LIST_MAX,
  maxExpirationSeconds,
  mode,
  names,
  patterns,
  proof,
  requireAddress,
  reserved,
  sources,
} from './setting-groups.ts'

/** A node's name is matched with the patterns of all pools. */
const POOLS_MAX = 64
const NODES_MAX = 16

/** As `openssl x509 -outform DER | sha256sum` prints it. */
const FINGERPRINT = '^[0-9a-f]{64}$'

const credential = group('How the requester must have authenticated.', {
  require: Type.Boolean({
    description:
      'Require that the API server names one client certificate as the credential-id of the requester. An impersonated user ' +
      'has none. Needs Kubernetes 1.32.',
    default: false,
  }),
  refused: Type.Array(
    Type.String({
      title: 'the SHA-256 of a client certificate, 64 lower-case hex digits',
      pattern: FINGERPRINT,
    }),
    {
      description:
        'SHA-256 of the DER of client certificates whose CSRs are refused, such as those of a stolen key.',
      default: [],
      maxItems: LIST_MAX,
      uniqueItems: true,
    },
  ),
})

/** A setting that a pool may have of its own. The default does not apply: what is left out is as for all nodes. */
function own<Schema extends TSchema>(schema: Schema) {
  const plain: Schema = JSON.parse(
    JSON.stringify(schema, (key, value) => (key === 'default' ? undefined : value)),
  )
  return Type.Optional(plain)
}

const pool = Type.Object(
  {
    name: Type.String({
      description: 'Name of the pool, in decisions and log lines.',
      title: 'a lower-case name of at most 63 characters',
      pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$',
    }),
    nodes: patterns('RE2 patterns. A node whose name fully matches at least one is in the pool.', {
      minItems: 1,
      maxItems: NODES_MAX,
    }),
    mode: own(mode),
    requireAddress: own(requireAddress),
    maxExpirationSeconds: own(maxExpirationSeconds),
    keys: own(Type.Partial(keys)),
    names: Type.Optional(names),
    addresses: Type.Optional(addresses),
    sources: own(sources),
    proof: own(Type.Partial(proof)),
  },
  { title: 'a map with name and nodes', additionalProperties: false },
)

const pools = Type.Array(pool, {
  description:
    'Settings for groups of nodes, selected by name. The first pool that matches a node applies. For what it leaves out, the settings for all nodes apply: `[{name: …, nodes: […], names: …, addresses: …, keys: …, sources: …, proof: …, mode: …, ' +
    'requireAddress: …, maxExpirationSeconds: …}]`.',
  default: [],
  maxItems: POOLS_MAX,
})

/** Each setting has a description, and a `title` if its type does not express what is allowed. */
export const settingsSchema = group(
  'The policy for CSRs. A node gets only names and addresses that its Node object reports.',
  {
    clusterDomain: dnsName("The cluster's DNS domain. Every name under it is reserved.", 'cluster.local'),
    mode,
    denyStored: Type.Unsafe<boolean | null>({
      description:
        'Deny stored CSRs that can never conform. `null` means `true` if the webhook is enabled, else `false`.',
      default: null,
      type: ['boolean', 'null'],
    }),
    patienceSeconds: Type.Integer({
      description:
        'Seconds after which a stored CSR that does not match its Node is denied. The kubelet then creates a new CSR with ' +
        'its current addresses.',
      default: 30,
      minimum: 5,
      maximum: 900,
    }),
    foreignRequesters: Type.Enum(['refuse', 'ignore'], {
      description:
        'CSRs of users other than `system:node:*`: `refuse` them, or `ignore` them. Ignored CSRs are left to another ' +
        'approver, which must check every name and address.',
      default: 'refuse',
    }),
    requireAddress,
    proof,
    onAddition: Type.Enum(['allow', 'requireSource'], {
      description:
        'Names and addresses that a Node was not granted before: `allow` or `requireSource`. With `requireSource`, a source ' +
        'must vouch for them.',
      default: 'allow',
    }),
    maxExpirationSeconds,
    keys,
    credential,
    reserved,
    names,
    addresses,
    sources,
    pools,
  },
)

type Immutable<Value> = Value extends object
  ? { readonly [Key in keyof Value]: Immutable<Value[Key]> }
  : Value

/** A policy after defaults, plain JSON. */
export type Settings = Immutable<Static<typeof settingsSchema>>

export type { KeyKind, SourceKind } from './setting-groups.ts'

/** Kinds of key that kubelets may have one day, and that no signer can read before its Go can. */
export const FUTURE_KEYS: readonly string[] = ['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87']

/** What the nodes of one pool have of their own. What is absent is as for all other nodes. */
export type PoolSettings = Settings['pools'][number]

/** An empty policy is a good policy: this one. */
export const defaultSettings: Settings = defaultsOf(settingsSchema)
