/** The settings and groups of settings of the policy, for all nodes and for those of a pool alike. */
import { type Static, type TProperties, Type } from 'typebox'

/** Longest list of names, patterns or prefixes. Each SAN is compared with all entries. */
export const LIST_MAX = 1_000
/** Longest DNS name as text, RFC 1035 §2.3.4. */
const NAME_MAX = 253
/** Longest address as text, an IPv6 address that ends as an IPv4 address, and `/128`. */
const PREFIX_MAX = 45 + 4
/** Longest RE2 pattern, see policies/pattern.ts. */
const PATTERN_MAX = 256

/** Lower-case labels, RFC 1123 §2.1, without wildcard and without final dot. */
const DNS_NAME = '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$'

/** A group of settings. Its settings may be left out of a file: each has a default. */
export function group<Fields extends TProperties>(description: string, fields: Fields) {
  return Type.Object(fields, { description, additionalProperties: false })
}

export function dnsName(description: string, value: string) {
  const text = { description, default: value, title: 'a lower-case DNS name' }
  return Type.String({ ...text, pattern: DNS_NAME, maxLength: NAME_MAX })
}

function prefixes(description: string) {
  const entry = Type.String({ title: 'an address or a prefix', minLength: 1, maxLength: PREFIX_MAX })
  return Type.Array(entry, { description, default: [], maxItems: LIST_MAX, uniqueItems: true })
}

const keyKind = Type.Enum(['RSA', 'ECDSA-P256', 'ECDSA-P384', 'ECDSA-P521', 'Ed25519'])
export type KeyKind = Static<typeof keyKind>

export const keys = group('Keys that are accepted.', {
  allowed: Type.Array(keyKind, {
    description: 'Accepted kinds of key.',
    default: [...keyKind.enum],
    minItems: 1,
    uniqueItems: true,
  }),
  rsaMinBits: Type.Integer({
    description: 'Minimum size of an RSA key in bits.',
    default: 2048,
    minimum: 2048,
    maximum: 8192,
  }),
})

const reservedName = Type.String({
  title: 'a lower-case DNS name, optionally with a leading dot',
  pattern: DNS_NAME.replace('^', '^\\.?'),
  maxLength: NAME_MAX + 1,
})

const namespace = Type.String({
  title: 'the name of a namespace',
  pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$',
})

export const reserved = group(
  'Names and addresses that no node gets, in addition to those of the cluster itself, which are always reserved.',
  {
    names: Type.Array(reservedName, {
      description:
        'Reserved DNS names. `db.example.com` reserves that name only. `.db.example.com` reserves all names under it.',
      default: [],
      maxItems: LIST_MAX,
      uniqueItems: true,
    }),
    namespaces: Type.Array(namespace, {
      description:
        'Namespaces with reserved Services: no node gets `a.NAMESPACE` or a name under it. `default`, `kube-system`, ' +
        '`kube-public` and `kube-node-lease` are always reserved.',
      default: ['kube-system'],
      maxItems: LIST_MAX,
      uniqueItems: true,
    }),
    addresses: prefixes('Reserved addresses and prefixes, such as `10.0.0.1` or `192.168.0.0/16`.'),
  },
)

export function patterns(
  description: string,
  bounds: { readonly minItems?: number; readonly maxItems?: number } = {},
) {
  const title = `an RE2 pattern of 1 to ${PATTERN_MAX} characters`
  return Type.Array(Type.String({ title, minLength: 1, maxLength: PATTERN_MAX }), {
    description,
    default: [],
    maxItems: LIST_MAX,
    uniqueItems: true,
    ...bounds,
  })
}

export const names = group('Restrictions on DNS names.', {
  patterns: patterns(
    'RE2 patterns. If set, every DNS name must fully match at least one of them: `node-1` does not match `node-10`. ' +
      '`{node}` stands for the name of the Node, as in `{node}[.]example[.]com`. Such a name belongs to that Node.',
  ),
})

export const addresses = group('Restrictions on IP addresses.', {
  prefixes: prefixes(
    'Prefixes, such as `10.0.0.0/8`. If set, every address must be in at least one of them.',
  ),
})

export const mode = Type.Enum(['enforce', 'dryRun', 'approveOnly'], {
  description:
    '`enforce` approves and refuses, `approveOnly` refuses nothing, `dryRun` approves nothing. `dryRun` only logs and counts ' +
    'decisions: kubelets get no certificates.',
  default: 'enforce',
})

export const requireAddress = Type.Boolean({
  description: 'Require at least one IP address in a CSR.',
  default: true,
})

export const maxExpirationSeconds = Type.Unsafe<number | null>({
  description:
    'Maximum `expirationSeconds` of a CSR. `null` means no limit. A stock kubelet does not set `expirationSeconds`.',
  default: null,
  type: ['integer', 'null'],
  minimum: 600,
})

/**
 * Who says which names and addresses a node has, other than the node: the operator's inventory, the Machines of Cluster API
 * or OpenShift, the DNS.
 */
const sourceKind = Type.Enum(['inventory', 'clusterApi', 'dns'])
export type SourceKind = Static<typeof sourceKind>

export const sources = Type.Array(sourceKind, {
  description:
    'Sources of truth, of which at least one must vouch for each name and address: `inventory`, `clusterApi`, `dns`. Each ' +
    'must be configured, see docs/sources.md. Default: the word of the Node is enough.',
  default: [],
  uniqueItems: true,
})

export const proof = group(
  'Proof that a name or address needs before a Node is granted it for the first time.',
  {
    addresses: Type.Enum(['auto', 'require', 'warn', 'off'], {
      description:
        'Whether an address must answer as the Node when the controller dials it on the port of kubelets. `require`: always. ' +
        '`auto`: where other kubelets of the pool answer, elsewhere as `warn`. `warn`: a Node may have 8 unproven names and ' +
        'addresses, and one more a day, each with a warning. `off`: nothing is dialled.',
      default: 'auto',
    }),
    names: Type.Enum(['warn', 'require'], {
      description:
        'Whether a name other than the Node’s own must be proven. A pattern with `{node}` proves it, or DNS, if it resolves the ' +
        'name only to proven addresses. `require`: always. `warn`: as for addresses.',
      default: 'warn',
    }),
    unreachable: prefixes(
      'Prefixes that the controller cannot reach. Up to two addresses of a CSR that are in them need not answer. They count as ' +
        'unproven: the Node gets them with a warning, within the limit of `warn`.',
    ),
  },
)
