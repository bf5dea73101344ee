/**
 * Patterns of the policy are RE2: linear in the input whatever the pattern, where a backtracking engine can be
 * stopped for seconds by 28 characters. They match the whole name: `node-1` does not match `node-10`.
 */

/** Longest pattern, in characters. */
const SOURCE_MAX = 256
/** Largest compiled program: the cost of a match is its size × the input's length, about 8 ms at 1,000 × 253. */
const PROGRAM_MAX = 1_000
/** Longest name, RFC 1035 §2.3.4; a request has room for one of 60,000 characters, which matches nothing unread. */
const NAME_MAX = 253

export interface Pattern {
  readonly source: string
  matches(name: string): boolean
}

export type CompiledPattern =
  | { readonly ok: true; readonly pattern: Pattern }
  | { readonly ok: false; readonly problem: string }

/** The engine is loaded with the first pattern only: it costs 8 MB. */
export async function compilePattern(source: string): Promise<CompiledPattern> {
  if (source.length > SOURCE_MAX) return { ok: false, problem: `is longer than ${SOURCE_MAX} characters` }
  const { RE2JS } = await import('re2js')
  try {
    // First as written, so that a fault speaks of nothing the operator did not write.
    RE2JS.compile(source)
    // Names compare without regard to case: `Worker-.*` in a policy must not deny every node.
    const compiled = RE2JS.compile(source, RE2JS.CASE_INSENSITIVE)
    if (compiled.programSize() > PROGRAM_MAX)
      return { ok: false, problem: 'is too costly: repeat counts multiply' }
    return {
      ok: true,
      pattern: { source, matches: (name) => name.length <= NAME_MAX && compiled.matches(name) },
    }
  } catch (error) {
    return {
      ok: false,
      problem: `is not an RE2 pattern: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
}
