import { createHash } from 'node:crypto'
import { Ajv } from 'ajv'
import { compileRules, type Rules, type SettingsFault } from '../../policies/rules.ts'
import { defaultSettings, type Settings } from '../../policies/settings.ts'
import { readText, type TextReading } from '../files.ts'
import { describeErrors, oneForEachPlace, type PolicyFault, pathOf, pathText } from './faults.ts'
import { type PolicyFile, policySchema } from './schema.ts'
import { type Place, readYaml } from './yaml.ts'

/** A policy ready to judge by, or every fault of it, one line each: `policy.yaml:LINE:COLUMN path: problem`. */
export type LoadedPolicy =
  | { readonly ok: true; readonly rules: Rules }
  | { readonly ok: false; readonly faults: readonly string[] }

/** A quarter of the 1 MiB that a ConfigMap may hold: 1,000 entries in each list fit. */
const FILE_MAX_BYTES = 256 * 1024
/** Faults told of one file. */
const FAULTS_MAX = 50

const validate = new Ajv({
  allErrors: true,
  verbose: true,
  strict: true,
  allowUnionTypes: true,
}).compile<PolicyFile>(policySchema)

/** Reads and compiles a policy file; null is the default policy. A file that cannot be read is a fault. */
export async function loadPolicy(path: string | null): Promise<LoadedPolicy> {
  if (path === null) return parsePolicy('', 'the default policy')
  const text = await readPolicyText(path)
  return text.ok ? parsePolicy(text.text, path) : { ok: false, faults: [`${path}: ${text.problem}`] }
}

/** The content of a policy file, whether it is a policy or not. */
export function readPolicyText(path: string): Promise<TextReading> {
  return readText(path, FILE_MAX_BYTES)
}

/** Reads a policy from YAML; `name` heads each fault. An empty text is the default policy. */
export async function parsePolicy(text: string, name: string): Promise<LoadedPolicy> {
  const yaml = readYaml(text)
  if (!yaml.ok) return refuse(name, yaml.faults)
  const { content, place } = yaml
  const settings = validate(content) ? complete(content) : salvage(content)
  const compiled = await compileRules(settings, hashOf(settings))
  const malformed = describeErrors(validate.errors ?? [])
  if (compiled.ok && malformed.length === 0) return compiled
  const faults = [...malformed, ...(compiled.ok ? [] : compiled.faults.map(faultOfRules))]
  return refuse(
    name,
    oneForEachPlace(faults).map(({ path, problem }) => ({
      ...place(path),
      problem: `${pathText(path)}: ${problem}`,
    })),
  )
}

/** The file over the defaults, group by group; a list replaces a list. */
function complete(file: PolicyFile): Settings {
  return {
    ...defaultSettings,
    ...file,
    keys: { ...defaultSettings.keys, ...file.keys },
    reserved: { ...defaultSettings.reserved, ...file.reserved },
    names: { ...defaultSettings.names, ...file.names },
    addresses: { ...defaultSettings.addresses, ...file.addresses },
  }
}

/** Of a file with faults, what the rules have to say about the lists in it: all faults are told at once. */
function salvage(content: unknown): Settings {
  return {
    ...defaultSettings,
    names: { patterns: listAt(content, 'names', 'patterns') },
    addresses: { prefixes: listAt(content, 'addresses', 'prefixes') },
    reserved: { names: [], addresses: listAt(content, 'reserved', 'addresses') },
  }
}

function listAt(content: unknown, group: string, key: string): string[] {
  const list: unknown = valueAt(valueAt(content, group), key)
  return Array.isArray(list)
    ? list.slice(0, FAULTS_MAX).map((entry) => (typeof entry === 'string' ? entry : ''))
    : []
}

function valueAt(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

function faultOfRules({ path, problem }: SettingsFault): PolicyFault {
  return { path: pathOf(path), problem }
}

/** The first 12 hex digits of SHA-256 over the settings as JSON with sorted keys: how a file is written is no matter. */
export function hashOf(settings: Settings): string {
  return createHash('sha256').update(canonicalJson(settings)).digest('hex').slice(0, 12)
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

interface PlacedFault extends Place {
  readonly problem: string
}

function refuse(name: string, faults: readonly PlacedFault[]): LoadedPolicy {
  const inFileOrder = faults.toSorted((a, b) => a.line - b.line || a.column - b.column)
  const told = inFileOrder
    .slice(0, FAULTS_MAX)
    .map(({ line, column, problem }) => `${name}:${line}:${column} ${problem}`)
  const untold = faults.length - told.length
  return { ok: false, faults: untold > 0 ? [...told, `${name}: and ${untold} more`] : told }
}
