import { parsePrefix } from './address.ts'
import { compilePattern, type Pattern } from './pattern.ts'
import type { Settings } from './settings.ts'
import type { Prefix } from './types.ts'

/** Settings made ready to judge by: patterns and prefixes are parsed once. */
export interface Rules {
  readonly settings: Settings
  /** Identifies the policy in every decision: 12 hex digits. */
  readonly hash: string
  readonly patterns: readonly Pattern[]
  readonly prefixes: readonly Prefix[]
  readonly reservedAddresses: readonly Prefix[]
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
  const patterns = await compilePatterns(settings.names.patterns, faults)
  const prefixes = compilePrefixes('addresses.prefixes', settings.addresses.prefixes, faults)
  const reservedAddresses = compilePrefixes('reserved.addresses', settings.reserved.addresses, faults)
  if (faults.length > 0) return { ok: false, faults }
  return { ok: true, rules: { settings, hash, patterns, prefixes, reservedAddresses } }
}

async function compilePatterns(sources: readonly string[], faults: SettingsFault[]): Promise<Pattern[]> {
  const patterns: Pattern[] = []
  for (const [index, source] of sources.entries()) {
    const compiled = await compilePattern(source)
    if (compiled.ok) patterns.push(compiled.pattern)
    else faults.push({ path: `names.patterns[${index}]`, problem: compiled.problem })
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
