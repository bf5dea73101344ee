import { isObject, objectAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { Migrating, type Migration } from './note.ts'
import { patternsOf } from './pattern.ts'
import { deploymentOf } from './postfinance-pods.ts'
import { prefixesOf } from './prefixes.ts'
import { textOf } from './text-of.ts'

/** Environment variables of that program, which the chart's `env` may set, and the values that set them otherwise. */
const variables: Readonly<Record<string, string>> = {
  PROVIDER_REGEX: 'providerRegex',
  PROVIDER_IP_PREFIXES: 'providerIpPrefixes',
  MAX_EXPIRATION_SEC: 'maxExpirationSeconds',
  BYPASS_DNS_RESOLUTION: 'bypassDnsResolution',
  BYPASS_HOSTNAME_CHECK: 'bypassHostnameCheck',
  IGNORE_NON_SYSTEM_NODE: 'ignoreNonSystemNode',
  SKIP_DENY_STEP: 'skipDenyStep',
  ALLOWED_DNS_NAMES: 'allowedDnsNames',
}

/** 367 days, its default and its maximum. */
const EXPIRATION_DEFAULT = 367 * 24 * 3_600
/** The least that our policy takes. */
const EXPIRATION_LEAST = 600

/** Our values for values of postfinance's chart kubelet-csr-approver 1.2. */
export async function migratePostfinance(values: JsonObject): Promise<Migration> {
  const migrating = new Migrating()
  const given = withVariables(values)
  await namesOf(given, migrating)
  addressesOf(given, migrating)
  lifetimeOf(given, migrating)
  flagsOf(given, migrating)
  deploymentOf(given, migrating, new Set(Object.keys(variables)))
  return migrating.done()
}

/** With what `env` sets: a container takes the last of two variables of one name. */
function withVariables(values: JsonObject): JsonObject {
  const env = Array.isArray(values['env']) ? values['env'].filter(isObject) : []
  const set = env.flatMap(({ name, value }) => {
    const setting = variables[textOf(name)]
    return setting === undefined || value === undefined ? [] : [[setting, value] as const]
  })
  return { ...values, ...Object.fromEntries(set) }
}

async function namesOf(given: JsonObject, migrating: Migrating): Promise<void> {
  const expression = textOf(given['providerRegex'])
  const read = await patternsOf(expression)
  if (!read.ok)
    return migrating.none(
      'providerRegex',
      `${expression} ${read.problem}. Write policy.names.patterns by hand`,
    )
  if (read.patterns.length === 0)
    return migrating.same('providerRegex', 'it accepts every name, as no policy.names.patterns does')
  migrating.set('policy.names.patterns', read.patterns)
  if (read.anchored)
    return migrating.same('providerRegex', 'policy.names.patterns: each matches the whole name, in any case')
  migrating.changed(
    'providerRegex',
    `${expression} is not anchored, so it accepts every name that contains a match. ` +
      'policy.names.patterns has the same meaning, hence the .* in it: remove it if whole names were meant',
  )
}

function addressesOf(given: JsonObject, migrating: Migrating): void {
  const listed = given['providerIpPrefixes'] ?? []
  const texts = (Array.isArray(listed) ? listed : textOf(listed).split(','))
    .map(textOf)
    .filter((text) => text !== '')
  const { prefixes, masked, malformed } = prefixesOf(texts.map((text) => text.trim()))
  for (const text of malformed)
    migrating.none(
      'providerIpPrefixes',
      `${text} is no CIDR: the approver does not start with it. It is left out`,
    )
  for (const change of masked)
    migrating.changed('providerIpPrefixes', `${change}: host bits are ignored there, and are a fault here`)
  if (malformed.length > 0 && prefixes.length === 0)
    return migrating.none(
      'providerIpPrefixes',
      'none is left: without policy.addresses.prefixes every range is accepted',
    )
  if (prefixes.length === 0 || (prefixes.includes('0.0.0.0/0') && prefixes.includes('::/0')))
    return migrating.same('providerIpPrefixes', 'all addresses, as without policy.addresses.prefixes')
  migrating.set('policy.addresses.prefixes', prefixes)
  migrating.same('providerIpPrefixes', 'policy.addresses.prefixes')
}

function lifetimeOf(given: JsonObject, migrating: Migrating): void {
  const text = textOf(given['maxExpirationSeconds'])
  const seconds = text === '' || given['maxExpirationSeconds'] === 0 ? EXPIRATION_DEFAULT : Number(text)
  const setting = 'maxExpirationSeconds'
  if (!Number.isSafeInteger(seconds) || seconds < 0 || seconds > EXPIRATION_DEFAULT)
    return migrating.none(
      setting,
      `${text} is not a number up to ${EXPIRATION_DEFAULT}: the approver does not start with it`,
    )
  migrating.set('policy.maxExpirationSeconds', Math.max(seconds, EXPIRATION_LEAST))
  if (seconds < EXPIRATION_LEAST)
    return migrating.changed(
      setting,
      `${seconds} becomes ${EXPIRATION_LEAST}, the least that a CSR may ask for`,
    )
  migrating.same(
    setting,
    'policy.maxExpirationSeconds. CSRs without expirationSeconds, as of every stock kubelet, have no limit',
  )
}

function flagsOf(given: JsonObject, migrating: Migrating): void {
  const domain = textOf(objectAt(given, 'global')['clusterDomain'])
  if (domain !== '' && domain !== 'cluster.local') {
    migrating.set('policy.clusterDomain', domain)
    migrating.changed('global.clusterDomain', 'policy.clusterDomain: no node gets a name under it')
  }
  if (isTrue(given['ignoreNonSystemNode'])) migrating.set('policy.foreignRequesters', 'ignore')
  migrating.same(
    'ignoreNonSystemNode',
    isTrue(given['ignoreNonSystemNode'])
      ? 'policy.foreignRequesters: ignore'
      : 'policy.foreignRequesters: refuse, the default',
  )
  if (isTrue(given['skipDenyStep'])) {
    migrating.set('policy.mode', 'approveOnly')
    migrating.same('skipDenyStep', 'policy.mode: approveOnly, nothing is refused or denied')
  } else
    migrating.changed(
      'skipDenyStep',
      'policy.mode: enforce. What can never conform is refused at creation; what may conform later waits, and is not denied at once',
    )
  identityNotes(given, migrating)
}

/** The checks of names have no switches here. */
function identityNotes(given: JsonObject, migrating: Migrating): void {
  migrating.none(
    'bypassDnsResolution',
    isTrue(given['bypassDnsResolution'])
      ? 'names need no DNS here: every name and address must be one that the Node reports and that no other Node holds'
      : 'there is no look-up in DNS, so a failure of DNS denies nothing: every name and address must be one that the Node reports and that no other Node holds',
  )
  migrating.none(
    'bypassHostnameCheck',
    isTrue(given['bypassHostnameCheck'])
      ? 'stricter: any name was accepted; now only names that the Node reports. See which CSRs that refuses: kubelet-csr-gate shadow'
      : 'stricter: a name had to begin with the name of the node, so node-1 could have node-10; now it must be reported by the Node, whole',
  )
  migrating.none('allowedDnsNames', 'there is no limit of its own: the Node must report each name')
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true'
}
