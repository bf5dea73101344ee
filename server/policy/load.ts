import { createHash } from 'node:crypto'
import { Ajv } from 'ajv'
import { compileRules, type Rules, type SettingsFault } from '../../policies/rules.ts'
import { filledIn } from '../../policies/filled-in.ts'
import { defaultSettings, type PoolSettings, type Settings, settingsSchema } from '../../policies/settings.ts'
import { readText, type TextReading } from '../files.ts'
import { isObject, objectAt } from '../json.ts'
import type { JsonObject } from '../ports.ts'
import { chartValues } from './chart-values.ts'
import { describeErrors, firstPerPath, type PolicyFault, pathOf, pathText } from './faults.ts'
import { type Place, readYaml } from './yaml.ts'

/** A compiled policy, or all its faults, one line each: `policy.yaml:LINE:COLUMN path: problem`. */
export type LoadedPolicy =
  | { readonly ok: true; readonly rules: Rules }
  | { readonly ok: false; readonly faults: readonly string[] }

type CompiledPolicy =
  | { readonly ok: true; readonly rules: Rules }
  | { readonly ok: false; readonly faults: readonly PolicyFault[] }

/** A quarter of the 1 MiB limit of a ConfigMap. 1,000 entries in each list fit. */
const FILE_MAX_BYTES = 256 * 1024
/** Faults reported per file. */
const FAULTS_MAX = 50

const validate = new Ajv({
  allErrors: true,
  verbose: true,
  strict: true,
  allowUnionTypes: true,
}).compile<Settings>(settingsSchema)

/** Reads a policy file without parsing it. */
export function readPolicyText(path: string): Promise<TextReading> {
  return readText(path, FILE_MAX_BYTES)
}

/** Parses and compiles a policy. Each fault starts with `name`. An empty text is the default policy. */
export async function parsePolicy(text: string, name: string): Promise<LoadedPolicy> {
  const yaml = readYaml(text)
  return yaml.ok
    ? await compile(yaml.content, { name, at: [], place: yaml.place })
    : { ok: false, faults: placedLines(name, yaml.faults) }
}

/** Whether a file is values of the chart: it has `policy`, or nothing but values, of which one is no setting of a policy. */
function isValues(content: unknown): content is JsonObject {
  if (!isObject(content)) return false
  if (Object.hasOwn(content, 'policy')) return true
  const keys = Object.keys(content)
  const isSetting = (key: string): boolean => Object.hasOwn(defaultSettings, key)
  return keys.every((key) => chartValues.has(key)) && !keys.every(isSetting)
}

/** As {@link parsePolicy}. Of a file with values of the chart, it is the policy which the chart makes of them. */
export async function parsePolicyOrValues(text: string, name: string): Promise<LoadedPolicy> {
  const yaml = readYaml(text)
  if (!yaml.ok) return { ok: false, faults: placedLines(name, yaml.faults) }
  const { content, place } = yaml
  return isValues(content)
    ? await compile(policyOfValues(content), { name, at: ['policy'], place })
    : await compile(content, { name, at: [], place })
}

/** The policy in values of the chart, or in a config file, which say whether a webhook is enabled, in whatever pods. */
export function policyOfValues({ policy, webhook }: JsonObject): unknown {
  const given = policy ?? {}
  if (!isObject(given) || (given['denyStored'] ?? null) !== null) return given
  return { ...given, denyStored: objectAt(webhook)['enabled'] !== false }
}

/** Compiles the content of a policy. */
export async function compilePolicy(content: unknown): Promise<CompiledPolicy> {
  const filled = filledIn(settingsSchema, content)
  const settings = validate(filled) ? filled : salvage(content)
  const malformed = describeErrors(validate.errors ?? [])
  const compiled = await compileRules(settings, hashOf(settings))
  if (compiled.ok && malformed.length === 0) return compiled
  return { ok: false, faults: [...malformed, ...(compiled.ok ? [] : compiled.faults.map(faultOfRules))] }
}

interface Origin {
  readonly name: string
  /** Where the policy is in the file. */
  readonly at: readonly string[]
  readonly place: Placing
}

async function compile(content: unknown, { name, at, place }: Origin): Promise<LoadedPolicy> {
  const compiled = await compilePolicy(content)
  if (compiled.ok) return compiled
  const faults = compiled.faults.map(({ path, problem }) => ({ path: [...at, ...path], problem }))
  return { ok: false, faults: faultLines(name, faults, place) }
}

/** The lists of a file with schema faults. They are compiled too, so that all faults are reported at once. */
function salvage(content: unknown): Settings {
  const pools = valueAt(content, 'pools')
  return {
    ...defaultSettings,
    names: { patterns: listAt(content, 'names', 'patterns') },
    addresses: { prefixes: listAt(content, 'addresses', 'prefixes') },
    reserved: { ...defaultSettings.reserved, addresses: listAt(content, 'reserved', 'addresses') },
    proof: { ...defaultSettings.proof, unreachable: listAt(content, 'proof', 'unreachable') },
    pools: Array.isArray(pools) ? pools.slice(0, FAULTS_MAX).map(salvagePool) : [],
  }
}

function salvagePool(pool: unknown, index: number): PoolSettings {
  const name = valueAt(pool, 'name')
  return {
    // One that is missing is a fault of the schema, and the same as no other.
    name: typeof name === 'string' ? name : String(index),
    nodes: textsIn(valueAt(pool, 'nodes')),
    names: { patterns: listAt(pool, 'names', 'patterns') },
    addresses: { prefixes: listAt(pool, 'addresses', 'prefixes') },
  }
}

function listAt(content: unknown, group: string, key: string): string[] {
  return textsIn(valueAt(valueAt(content, group), key))
}

function textsIn(list: unknown): string[] {
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

/** The first 12 hex digits of the SHA-256 of the settings as JSON with sorted keys. */
export function hashOf(settings: Settings): string {
  return createHash('sha256').update(canonicalJson(settings)).digest('hex').slice(0, 12)
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

/** The position of a path in a file. */
type Placing = (path: readonly (string | number)[]) => Place

/** A line for each path with a fault, in the order of the file: `policy.yaml:LINE:COLUMN path: problem`. */
export function faultLines(name: string, faults: readonly PolicyFault[], place: Placing): readonly string[] {
  const placed = firstPerPath(faults).map(({ path, problem }) => ({
    ...place(path),
    problem: `${pathText(path)}: ${problem}`,
  }))
  return placedLines(name, placed)
}

interface PlacedFault extends Place {
  readonly problem: string
}

/** The first lines of faults whose position is known. */
export function placedLines(name: string, faults: readonly PlacedFault[]): readonly string[] {
  const inFileOrder = faults.toSorted((a, b) => a.line - b.line || a.column - b.column)
  const reported = inFileOrder
    .slice(0, FAULTS_MAX)
    .map(({ line, column, problem }) => `${name}:${line}:${column} ${problem}`)
  const more = faults.length - reported.length
  return more > 0 ? [...reported, `${name}: and ${more} more`] : reported
}
