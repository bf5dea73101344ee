import { parsePrefix } from './address.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { compilePattern, NODE, type Pattern } from './pattern.ts'
import type { PoolSettings, Settings } from './settings.ts'
import type { Prefix } from './types.ts'

/** Settings made ready to judge by: patterns and prefixes are parsed once. */
export interface Rules {
  readonly settings: Settings
  /** Identifies the policy in every decision: 12 hex digits. */
  readonly hash: string
  readonly patterns: readonly Pattern[]
  readonly prefixes: readonly Prefix[]
  readonly reservedAddresses: readonly Prefix[]
  readonly limits: Limits
  /** Where the controller reaches no kubelet. */
  readonly unreachable: readonly Prefix[]
  /** The pool whose nodes these rules are for, null for those outside every pool. */
  readonly pool: string | null
  /** In the order in which they are tried; empty in the rules of a pool. */
  readonly pools: readonly Pool[]
}

/** Nodes that are judged by rules of their own. */
export interface Pool {
  readonly name: string
  readonly nodes: readonly Pattern[]
  readonly rules: Rules
}

/** One thing wrong with a setting; `path` as in `names.patterns[2]`. */
export interface SettingsFault {
  readonly path: string
  readonly problem: string
}

export type Compiled =
  | { readonly ok: true; readonly rules: Rules }
  | { readonly ok: false; readonly faults: readonly SettingsFault[] }

/** Compiles every pattern and prefix, and lists every fault rather than the first. */
export async function compileRules(settings: Settings, hash: string): Promise<Compiled> {
  const faults: SettingsFault[] = []
  const inside = await compileInside(settings, '', faults)
  const reservedAddresses = compilePrefixes('reserved.addresses', settings.reserved.addresses, faults)
  const unreachable = compilePrefixes('proof.unreachable', settings.proof.unreachable, faults)
  const outside = {
    settings,
    hash,
    ...inside,
    reservedAddresses,
    unreachable,
    limits: defaultLimits,
    pool: null,
    pools: [],
  }
  const pools = await compilePools(outside, faults)
  if (faults.length > 0) return { ok: false, faults }
  return { ok: true, rules: { ...outside, pools } }
}

async function compilePools(outside: Rules, faults: SettingsFault[]): Promise<Pool[]> {
  const pools: Pool[] = []
  const seen = new Map<string, string>()
  for (const [index, own] of outside.settings.pools.entries()) {
    const path = `pools[${index}]`
    refuseRepeats(own, path, { seen, faults })
    const nodes = await compilePatterns(`${path}.nodes`, own.nodes, faults)
    for (const [at, source] of own.nodes.entries())
      if (source.includes(NODE)) faults.push({ path: `${path}.nodes[${at}]`, problem: NODE_OF_POOL })
    const settings = settingsOf(own, outside.settings)
    // What the pool does not say has been compiled, and has its faults, with the rest of the policy.
    const inside = await compileInside({ ...unlimited, ...own }, `${path}.`, faults)
    const patterns = own.names === undefined ? outside.patterns : inside.patterns
    const prefixes = own.addresses === undefined ? outside.prefixes : inside.prefixes
    const unreachable = compilePrefixes(`${path}.proof.unreachable`, own.proof?.unreachable ?? [], faults)
    const ofPool = {
      patterns,
      prefixes,
      unreachable: own.proof?.unreachable ? unreachable : outside.unreachable,
    }
    pools.push({ name: own.name, nodes, rules: { ...outside, ...ofPool, settings, pool: own.name } })
  }
  return pools
}

const NODE_OF_POOL = `has ${NODE}, which stands for the name of a Node in names.patterns only`
const unlimited: Inside = { names: { patterns: [] }, addresses: { prefixes: [] } }

/** The settings that hold for the nodes of a pool. */
function settingsOf(
  { name: _name, nodes: _nodes, keys, proof, ...own }: PoolSettings,
  all: Settings,
): Settings {
  return { ...all, ...own, keys: { ...all.keys, ...keys }, proof: { ...all.proof, ...proof }, pools: [] }
}

/** A repeated name makes log lines ambiguous; a repeated pattern matches nothing where it comes second. */
function refuseRepeats(
  { name, nodes }: PoolSettings,
  path: string,
  { seen, faults }: { readonly seen: Map<string, string>; readonly faults: SettingsFault[] },
): void {
  const named = [[`name ${name}`, `${path}.name`], ...nodes.map((node, at) => [node, `${path}.nodes[${at}]`])]
  for (const [value = '', at = ''] of named) {
    const first = seen.get(value)
    if (first === undefined) seen.set(value, at)
    else faults.push({ path: at, problem: `is the same as ${first}` })
  }
}

type Inside = Pick<Settings, 'names' | 'addresses'>

async function compileInside(
  { names, addresses }: Inside,
  path: string,
  faults: SettingsFault[],
): Promise<Pick<Rules, 'patterns' | 'prefixes'>> {
  const patterns = await compilePatterns(`${path}names.patterns`, names.patterns, faults)
  const prefixes = compilePrefixes(`${path}addresses.prefixes`, addresses.prefixes, faults)
  return { patterns, prefixes }
}

async function compilePatterns(
  path: string,
  sources: readonly string[],
  faults: SettingsFault[],
): Promise<Pattern[]> {
  const patterns: Pattern[] = []
  for (const [index, source] of sources.entries()) {
    const compiled = await compilePattern(source)
    if (compiled.ok) patterns.push(compiled.pattern)
    else faults.push({ path: `${path}[${index}]`, problem: compiled.problem })
  }
  return patterns
}

function compilePrefixes(path: string, sources: readonly string[], faults: SettingsFault[]): Prefix[] {
  return sources.flatMap((source, index) => {
    const prefix = parsePrefix(source)
    if (prefix !== undefined) return [prefix]
    const problem =
      'is not an address or a prefix such as 10.0.0.0/8: no host bits, no leading zeros, no missing parts'
    faults.push({ path: `${path}[${index}]`, problem })
    return []
  })
}
