import { isIP } from 'node:net'
import { Ajv } from 'ajv'
import { parsePrefix } from '../policies/address.ts'
import { filledIn } from '../policies/filled-in.ts'
import type { Rules } from '../policies/rules.ts'
import { quoted } from '../policies/text.ts'
import { type Config, configSchema } from './config.ts'
import { readText, type TextReading } from './files.ts'
import { isObject } from './json.ts'
import { describeErrors, type PolicyFault } from './policy/faults.ts'
import { compilePolicy, faultLines, placedLines, policyOfValues } from './policy/load.ts'
import { readYaml } from './policy/yaml.ts'

/** A config file and the policy in it, or all faults, one line each: `config.yaml:LINE:COLUMN path: problem`. */
export type LoadedConfig =
  | { readonly ok: true; readonly config: Config; readonly rules: Rules }
  | {
      readonly ok: false
      readonly faults: readonly string[]
      /** The groups without a fault, and the defaults of the others, so that the caller can look for more. Null if nothing can be read. */
      readonly config: Config | null
    }

/** A quarter of the 1 MiB limit of a ConfigMap. 1,000 entries in each list of the policy fit. */
const FILE_MAX_BYTES = 256 * 1024

const { properties } = configSchema
/** The policy is checked apart, with its patterns and prefixes. */
const validate = new Ajv({
  allErrors: true,
  verbose: true,
  strict: true,
  allowUnionTypes: true,
}).compile<Config>({ ...configSchema, properties: { ...properties, policy: {} } })

/** Reads and checks a config file. Null: all settings have their defaults. */
export async function loadConfig(path: string | null): Promise<LoadedConfig> {
  if (path === null) return await parseConfig('', 'the default configuration')
  const read = await readConfigText(path)
  return read.ok
    ? await parseConfig(read.text, path)
    : { ok: false, faults: [`${path}: ${read.problem}`], config: null }
}

/** Reads a config file without parsing it. */
export function readConfigText(path: string): Promise<TextReading> {
  return readText(path, FILE_MAX_BYTES)
}

/** Parses a config file. Each fault starts with `name`. */
export async function parseConfig(text: string, name: string): Promise<LoadedConfig> {
  const yaml = readYaml(text)
  if (!yaml.ok) return { ok: false, faults: placedLines(name, yaml.faults), config: null }
  const filled = filledIn(configSchema, yaml.content)
  const malformed = validate(filled) ? [] : describeErrors(validate.errors ?? [])
  const config = soundGroups(filled, malformed)
  const policy = await compilePolicy(isObject(filled) ? policyOfValues(filled) : {})
  const inPolicy = policy.ok
    ? []
    : policy.faults.map(({ path, problem }) => ({ path: ['policy', ...path], problem }))
  const faults = [...malformed, ...faultsIn(config), ...inPolicy]
  if (policy.ok && faults.length === 0) return { ok: true, config, rules: policy.rules }
  return { ok: false, faults: faultLines(name, faults, yaml.place), config }
}

/** Groups with a fault have their defaults instead, so that the others can be looked at further. */
function soundGroups(filled: unknown, faults: readonly PolicyFault[]): Config {
  const faulty = new Set(faults.map(({ path }) => path[0]))
  const sound = isObject(filled) ? Object.entries(filled).filter(([name]) => !faulty.has(name)) : []
  const config = filledIn(configSchema, Object.fromEntries(sound))
  if (!validate(config)) throw new Error('the defaults of the config file are not valid')
  return config
}

/** What the schema cannot express: addresses, and settings that contradict each other. */
function faultsIn(config: Config): PolicyFault[] {
  const { listenAddress, webhook, sources } = config
  const at = (path: string, problem: string) => ({ path: path.split('.'), problem })
  const each = (
    path: string,
    values: readonly string[],
    isValid: (value: string) => boolean,
    wanted: string,
  ) =>
    values.flatMap((value, index) =>
      isValid(value)
        ? []
        : [{ path: [...path.split('.'), index], problem: `is ${quoted(value)}, must be ${wanted}` }],
    )
  return [
    ...(isIP(listenAddress) === 0
      ? [at('listenAddress', `is ${quoted(listenAddress)}, must be an IP address`)]
      : []),
    ...each(
      'webhook.callers',
      webhook.callers,
      (caller) => parsePrefix(caller) !== undefined,
      'an address or a CIDR without host bits, such as 192.0.2.1 or 2001:db8::/64',
    ),
    ...each('sources.dns.servers', sources.dns.servers, isDnsServer, 'IP or IP:PORT'),
    ...contradictions.flatMap(([path, problem, holds]) => (holds(config) ? [at(path, problem)] : [])),
  ]
}

/** A port stands after an IPv4 address, or after an IPv6 address in brackets, as `dns.setServers` takes it. */
function isDnsServer(server: string): boolean {
  const [, bracketed, bare, port = '53'] = /^(?:\[([^\]]+)\]|([\d.]+)):(\d{1,5})$/u.exec(server) ?? []
  return isIP(bracketed ?? bare ?? server) !== 0 && Number(port) <= 65_535
}

const contradictions: readonly (readonly [
  path: string,
  problem: string,
  holds: (config: Config) => boolean,
])[] = [
  [
    'controller.enabled',
    'is false, and so is webhook.enabled: at least one must be true',
    ({ webhook, controller }) => !webhook.enabled && !controller.enabled,
  ],
  [
    'metrics.port',
    'is the same as webhook.port, must be another port',
    ({ webhook, metrics }) => webhook.enabled && webhook.port === metrics.port,
  ],
  [
    'tls.names',
    'is empty: tls.mode selfSigned needs the names under which API servers call the webhook',
    ({ webhook, tls }) => webhook.enabled && tls.mode === 'selfSigned' && tls.names.length === 0,
  ],
  [
    'sources.clusterApi.cluster',
    'belongs together with sources.clusterApi.namespace: set both or none',
    ({ sources: { clusterApi } }) => (clusterApi.cluster === '') !== (clusterApi.namespace === ''),
  ],
  [
    'sources.clusterApi.openshiftNamespace',
    'is set, and so is sources.clusterApi.cluster: at most one can be',
    ({ sources: { clusterApi } }) => clusterApi.cluster !== '' && clusterApi.openshiftNamespace !== '',
  ],
  [
    'sources.clusterApi.kubeconfigFile',
    'has no effect without sources.clusterApi.cluster or openshiftNamespace',
    ({ sources: { clusterApi } }) =>
      clusterApi.kubeconfigFile !== '' && clusterApi.cluster === '' && clusterApi.openshiftNamespace === '',
  ],
  [
    'sources.dns.servers',
    'has no effect without sources.dns.domains',
    ({ sources: { dns } }) => dns.servers.length > 0 && dns.domains.length === 0,
  ],
]
