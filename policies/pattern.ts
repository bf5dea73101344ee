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

/** In a pattern, it stands for the name of the requester's Node. */
export const NODE = '{node}'
/** Private characters that no name has: two, so that what a pattern matches by its `{node}` is told from what `.*` matches. */
const IN_PLACE = '\ue000'
const ELSE = '\ue001'
/** A name of 253 characters may have that of its Node in as many places, and a match costs up to 8 ms. */
const PLACES_MAX = 8

export interface Pattern {
  readonly source: string
  /** @param node the name of the requester's Node, which `{node}` stands for */
  matches(name: string, node?: string): boolean
  /** Whether it matches by its `{node}`: so the name is made of that of the Node. */
  isMadeOf(name: string, node: string): boolean
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
    const compiled = RE2JS.compile(source.replaceAll(NODE, IN_PLACE), RE2JS.CASE_INSENSITIVE)
    if (compiled.programSize() > PROGRAM_MAX)
      return { ok: false, problem: 'is too costly: repeat counts multiply' }
    return {
      ok: true,
      pattern: patternOf(source, (text) => text.length <= NAME_MAX && compiled.matches(text)),
    }
  } catch (error) {
    return {
      ok: false,
      problem: `is not an RE2 pattern: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
}

function patternOf(source: string, matches: (text: string) => boolean): Pattern {
  const isMadeOf = (name: string, node: string): boolean =>
    source.includes(NODE) &&
    name.length <= NAME_MAX &&
    placesOf(node, name).some(
      ([before, after]) => matches(`${before}${IN_PLACE}${after}`) && !matches(`${before}${ELSE}${after}`),
    )
  return {
    source,
    matches: (name, node) => matches(name) || (node !== undefined && isMadeOf(name, node)),
    isMadeOf,
  }
}

/** What stands before and after the name of a Node, at each place where a name has it. */
function placesOf(node: string, name: string): (readonly [string, string])[] {
  const places: (readonly [string, string])[] = []
  for (let at = name.indexOf(node); at >= 0 && places.length < PLACES_MAX; at = name.indexOf(node, at + 1))
    places.push([name.slice(0, at), name.slice(at + node.length)])
  return places
}
