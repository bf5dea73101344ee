import { type Static, Type } from 'typebox'
import type { Settings } from '../../policies/settings.ts'
import {
  addresses,
  closed,
  dnsName,
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
} from './groups.ts'

const foreignRequesters: Settings['foreignRequesters'][] = ['refuse', 'ignore']

/** A node's name is matched with the patterns of all pools. */
const POOLS_MAX = 64
const NODES_MAX = 16

/** As `openssl x509 -outform DER | sha256sum` prints it. */
const FINGERPRINT = '^[0-9a-f]{64}$'

const onAddition: Settings['onAddition'][] = ['allow', 'requireSource']

const credential = closed('How the requester must have authenticated.', {
  require: Type.Boolean({
    description:
      'Require that the API server names one client certificate as the credential-id of the requester. An impersonated user ' +
      'has none. Needs Kubernetes 1.32.',
  }),
  refused: Type.Array(
    Type.String({
      title: 'the SHA-256 of a client certificate, 64 lower-case hex digits',
      pattern: FINGERPRINT,
    }),
    {
      description:
        'SHA-256 of the DER of client certificates whose CSRs are refused, such as those of a stolen key.',
      maxItems: LIST_MAX,
      uniqueItems: true,
    },
  ),
})

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
    mode: Type.Optional(mode),
    requireAddress: Type.Optional(requireAddress),
    maxExpirationSeconds: Type.Optional(maxExpirationSeconds),
    keys: Type.Optional(keys),
    names: Type.Optional(names),
    addresses: Type.Optional(addresses),
    sources: Type.Optional(sources),
    proof: Type.Optional(proof),
  },
  { title: 'a map with name and nodes', additionalProperties: false },
)

const pools = Type.Array(pool, {
  description:
    'Nodes with settings of their own, by name. The first pool that matches applies. What it does not set is as for all nodes: `[{name: …, nodes: […], names: …, addresses: …, keys: …, sources: …, proof: …, mode: …, ' +
    'requireAddress: …, maxExpirationSeconds: …}]`.',
  maxItems: POOLS_MAX,
})

/**
 * The schema of the policy file, `policy.yaml`. The docs table and the chart's values schema are generated from it. Each
 * field has a description, and a `title` if its type does not express what is allowed. Every field is optional;
 * `defaultSettings` has the defaults.
 */
export const policySchema = closed(
  'The policy for CSRs. A node gets only names and addresses that its Node object reports.',
  {
    clusterDomain: dnsName("The cluster's DNS domain. Every name under it is reserved."),
    mode,
    denyStored: Type.Unsafe<boolean | null>({
      description:
        'Deny stored CSRs that can never conform. `null` means `true` if the webhook is enabled, else `false`.',
      type: ['boolean', 'null'],
    }),
    patienceSeconds: Type.Integer({
      description:
        'Seconds that a stored CSR may not match its Node before it is denied. The kubelet then creates a new CSR with ' +
        'its current addresses.',
      minimum: 5,
      maximum: 900,
    }),
    foreignRequesters: Type.Enum(foreignRequesters, {
      description:
        'CSRs of users other than `system:node:*`: `refuse` them, or `ignore` them. What is ignored is left to another ' +
        'approver, which must check every name and address.',
    }),
    requireAddress,
    proof,
    onAddition: Type.Enum(onAddition, {
      description:
        'Names and addresses that a Node was not granted before: `allow` or `requireSource`. With `requireSource`, a source ' +
        'has to vouch for them.',
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

/** The content of a policy file. */
export type PolicyFile = Static<typeof policySchema>
