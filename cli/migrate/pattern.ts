import { compilePattern } from '../../policies/pattern.ts'

/** Patterns that match the whole names in which a regular expression of Go is found, or why there are none. */
export type PatternReading =
  | { readonly ok: true; readonly patterns: readonly string[]; readonly anchored: boolean }
  | { readonly ok: false; readonly problem: string }

/** Finds every name. */
const EVERYTHING = new Set(['', '.*', '^.*$', '^.*', '.*$', '^', '$', '.+', '^.+$'])

/**
 * Go's `MatchString` finds the expression anywhere in a name, in the case that is written. Here a pattern matches the whole
 * name, in any case. Branches at the top, as in `^a$|^b$`, become patterns of their own.
 */
export async function patternsOf(expression: string): Promise<PatternReading> {
  if (EVERYTHING.has(expression)) return { ok: true, patterns: [], anchored: false }
  const branches = expression.startsWith('(?') ? [expression] : branchesOf(expression)
  if (branches.some((branch) => EVERYTHING.has(branch))) return { ok: true, patterns: [], anchored: false }
  const patterns = [...new Set(branches.map(wholeName))]
  for (const pattern of patterns) {
    const compiled = await compilePattern(pattern)
    if (!compiled.ok) return { ok: false, problem: compiled.problem }
  }
  return { ok: true, patterns, anchored: branches.every((branch) => starts(branch) && ends(branch)) }
}

const starts = (branch: string): boolean => branch.startsWith('^')

/** Whether the last character is an anchor, and not an escaped dollar sign. */
function ends(branch: string): boolean {
  const escapes = /(\\*)\$$/u.exec(branch)?.[1]
  return escapes !== undefined && escapes.length % 2 === 0
}

/** A branch that has flags or several expressions inside stays whole between two `.*`. */
function wholeName(branch: string): string {
  if (branch.startsWith('(?')) return `.*(?:${branch}).*`
  const start = starts(branch) ? branch.slice(1) : `.*${branch}`
  return ends(branch) ? start.slice(0, -1) : `${start}.*`
}

/** Splits at each `|` outside groups, character classes and escapes. */
function branchesOf(expression: string): string[] {
  const branches = ['']
  let depth = 0
  let inClass = false
  for (const [token] of expression.matchAll(/\\Q.*?(?:\\E|$)|\\.|[^\\]|\\$/gsu)) {
    if (inClass) inClass = token !== ']'
    else if (token === '[') inClass = true
    else if (token === '(') depth += 1
    else if (token === ')') depth -= 1
    if (token === '|' && depth === 0 && !inClass) branches.push('')
    else branches.push((branches.pop() ?? '') + token)
  }
  return branches
}
