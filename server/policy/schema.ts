import { type Static, type TProperties, Type } from 'typebox'
import type { KeyKind, Settings } from '../../policies/settings.ts'

/**
 * The policy file, `policy.yaml`. Each field has its sentence here, and a `title` where its type does not say what
 * is allowed; the docs table and the chart's schema are made from this one. Every field may be left out: then it
 * is as in `defaultSettings`.
 */

/** Longest list of names, patterns or prefixes: what a judgement goes through for each SAN. */
const LIST_MAX = 1_000
/** RFC 1035 §2.3.4, as text. */
const NAME_MAX = 253
/** Of an RE2 pattern, see policies/pattern.ts. */
const PATTERN_MAX = 256

/** Lower-case labels, RFC 1123 §2.1; no wildcard, no dot at the end. */
const DNS_NAME = '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$'

const modes: Settings['mode'][] = ['enforce', 'audit', 'approveOnly']
const keyKinds: KeyKind[] = ['RSA', 'ECDSA-P256', 'ECDSA-P384', 'ECDSA-P521', 'Ed25519']

function dnsName(description: string) {
  return Type.String({ description, title: 'a lower-case DNS name', pattern: DNS_NAME, maxLength: NAME_MAX })
}

function texts(description: string, title: string, maxLength: number) {
  const one = Type.String({ title, minLength: 1, maxLength })
  return Type.Array(one, { description, maxItems: LIST_MAX, uniqueItems: true })
}

function closed<Fields extends TProperties>(description: string, fields: Fields) {
  return Type.Partial(Type.Object(fields), { description, additionalProperties: false })
}

const keys = closed('Which keys may be certified.', {
  allowed: Type.Array(Type.Enum(keyKinds), {
    description: 'Kinds of key that are accepted.',
    minItems: 1,
    uniqueItems: true,
  }),
  rsaMinBits: Type.Integer({ description: 'Fewest bits of an RSA key.', minimum: 2048, maximum: 8192 }),
})

const reservedName = Type.String({
  title: 'a lower-case DNS name, or one with a leading dot',
  pattern: DNS_NAME.replace('^', '^\\.?'),
  maxLength: NAME_MAX + 1,
})

const reserved = closed(
  'What no node is given, besides what the cluster reserves, which cannot be taken away.',
  {
    names: Type.Array(reservedName, {
      description:
        'Reserved DNS names: `db.example.com` alone, or with a leading dot all under it, `.db.example.com`.',
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

const names = closed('Bounds on DNS names.', {
  patterns: texts(
    'RE2 patterns. Where given, every DNS name must match one as a whole: `node-1` does not match `node-10`.',
    `an RE2 pattern of 1 to ${PATTERN_MAX} characters`,
    PATTERN_MAX,
  ),
})

const addresses = closed('Bounds on addresses.', {
  prefixes: texts(
    'Prefixes, such as `10.0.0.0/8`. Where given, every address must be inside one.',
    'an address or a prefix',
    NAME_MAX,
  ),
})

export const policySchema = closed('What a node may be given, beyond what its Node object reports.', {
  clusterDomain: dnsName("The cluster's DNS domain. Every name under it is reserved."),
  mode: Type.Enum(modes, {
    description:
      '`enforce` refuses and denies what does not conform. `audit` judges and tells, and writes and refuses nothing. ' +
      '`approveOnly` approves what conforms, and never refuses or denies.',
  }),
  denyStored: Type.Unsafe<boolean | null>({
    description:
      'Whether the controller denies a stored CSR that can never conform. `null`: while the webhook is on.',
    type: ['boolean', 'null'],
  }),
  patienceSeconds: Type.Integer({
    description:
      'Seconds that a stored CSR may fail to fit its Node before it is denied, so that its kubelet asks again ' +
      'with its present addresses.',
    minimum: 5,
    maximum: 900,
  }),
  requireAddress: Type.Boolean({ description: 'Whether a CSR must name at least one address.' }),
  maxExpirationSeconds: Type.Unsafe<number | null>({
    description:
      'The longest lifetime a CSR may ask for, in seconds. `null`: any. A stock kubelet does not ask.',
    type: ['integer', 'null'],
    minimum: 600,
  }),
  keys,
  reserved,
  names,
  addresses,
})

/** What a policy file may say. */
export type PolicyFile = Static<typeof policySchema>
