import { type Static, type TProperties, Type } from 'typebox'
import type { KeyKind, Settings } from '../../policies/settings.ts'

/**
 * The schema of the policy file, `policy.yaml`. The docs table and the chart's values schema are generated from it. Each
 * field has a description, and a `title` if its type does not express what is allowed. Every field is optional;
 * `defaultSettings` has the defaults.
 */

/** Longest list of names, patterns or prefixes. Each SAN is compared with all entries. */
const LIST_MAX = 1_000
/** Longest DNS name as text, RFC 1035 §2.3.4. */
const NAME_MAX = 253
/** Longest RE2 pattern, see policies/pattern.ts. */
const PATTERN_MAX = 256

/** Lower-case labels, RFC 1123 §2.1, without wildcard and without final dot. */
const DNS_NAME = '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$'

/** As `openssl x509 -outform DER | sha256sum` prints it. */
const FINGERPRINT = '^[0-9a-f]{64}$'

const modes: Settings['mode'][] = ['enforce', 'audit', 'approveOnly']
const foreignRequesters: Settings['foreignRequesters'][] = ['refuse', 'ignore']
const keyKinds: KeyKind[] = ['RSA', 'ECDSA-P256', 'ECDSA-P384', 'ECDSA-P521', 'Ed25519']

function dnsName(description: string) {
  return Type.String({ description, title: 'a lower-case DNS name', pattern: DNS_NAME, maxLength: NAME_MAX })
}

function texts(description: string, title: string, maxLength: number) {
  const entry = Type.String({ title, minLength: 1, maxLength })
  return Type.Array(entry, { description, maxItems: LIST_MAX, uniqueItems: true })
}

function closed<Fields extends TProperties>(description: string, fields: Fields) {
  return Type.Partial(Type.Object(fields), { description, additionalProperties: false })
}

const keys = closed('Keys that are accepted.', {
  allowed: Type.Array(Type.Enum(keyKinds), {
    description: 'Accepted kinds of key.',
    minItems: 1,
    uniqueItems: true,
  }),
  rsaMinBits: Type.Integer({
    description: 'Minimum size of an RSA key in bits.',
    minimum: 2048,
    maximum: 8192,
  }),
})

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

const reservedName = Type.String({
  title: 'a lower-case DNS name, optionally with a leading dot',
  pattern: DNS_NAME.replace('^', '^\\.?'),
  maxLength: NAME_MAX + 1,
})

const reserved = closed(
  'Names and addresses that no node gets, in addition to those of the cluster itself, which are always reserved.',
  {
    names: Type.Array(reservedName, {
      description:
        'Reserved DNS names. `db.example.com` reserves that name only. `.db.example.com` reserves all names under it.',
      maxItems: LIST_MAX,
      uniqueItems: true,
    }),
    addresses: texts(
      'Reserved addresses and prefixes, such as `10.0.0.1` or `192.168.0.0/16`.',
      'an address or a prefix',
      NAME_MAX,
    ),
  },
)

const names = closed('Restrictions on DNS names.', {
  patterns: texts(
    'RE2 patterns. If set, every DNS name must fully match at least one of them: `node-1` does not match `node-10`.',
    `an RE2 pattern of 1 to ${PATTERN_MAX} characters`,
    PATTERN_MAX,
  ),
})

const addresses = closed('Restrictions on IP addresses.', {
  prefixes: texts(
    'Prefixes, such as `10.0.0.0/8`. If set, every address must be in at least one of them.',
    'an address or a prefix',
    NAME_MAX,
  ),
})

export const policySchema = closed(
  'The policy for CSRs. A node gets only names and addresses that its Node object reports.',
  {
    clusterDomain: dnsName("The cluster's DNS domain. Every name under it is reserved."),
    mode: Type.Enum(modes, {
      description:
        '`enforce` approves CSRs that conform, and refuses or denies those that do not. `audit` only reports its ' +
        'decisions. `approveOnly` approves CSRs that conform, and never refuses or denies.',
    }),
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
        'CSRs from users whose name does not begin with `system:node:`: `refuse` them, or `ignore` them and leave them to ' +
        'another approver, which must check every name and address.',
    }),
    requireAddress: Type.Boolean({ description: 'Require at least one IP address in a CSR.' }),
    maxExpirationSeconds: Type.Unsafe<number | null>({
      description:
        'Maximum `expirationSeconds` of a CSR. `null` means no limit. A stock kubelet does not set `expirationSeconds`.',
      type: ['integer', 'null'],
      minimum: 600,
    }),
    keys,
    credential,
    reserved,
    names,
    addresses,
  },
)

/** The content of a policy file. */
export type PolicyFile = Static<typeof policySchema>
