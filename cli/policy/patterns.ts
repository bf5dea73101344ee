import { compilePattern } from '../../policies/pattern.ts'

/** More patterns than a person reads: then one is made of all that have the same number of labels. */
const PATTERNS_MAX = 20
/** Fewer names of a shape are listed as they are. */
const ALIKE_MIN = 2

/**
 * Patterns that all names match, and few others: names that differ only in numbers share one with `\d+`, those that are still
 * too many share their beginning and end.
 */
export async function patternsFor(names: readonly string[]): Promise<readonly string[]> {
  const shapes = Map.groupBy(new Set(names), shapeOf)
  const tight = [...shapes].map(([shape, alike]) =>
    alike.length < ALIKE_MIN ? escaped(alike[0] ?? '') : shape,
  )
  if (tight.length <= PATTERNS_MAX) return await valid(tight)
  const byEnd = Map.groupBy(new Set(names), (name) => name.slice(firstDot(name)))
  return await valid([...byEnd].map(([end, alike]) => startOf(alike, end)))
}

async function valid(patterns: readonly string[]): Promise<readonly string[]> {
  const distinct = [...new Set(patterns)].toSorted()
  const compiled = await Promise.all(distinct.map(compilePattern))
  return distinct.filter((_pattern, index) => compiled[index]?.ok === true).slice(0, PATTERNS_MAX)
}

/** `worker-12.a` as `worker-\d+\.a`. */
function shapeOf(name: string): string {
  return name
    .split(/(\d+)/u)
    .map((part, index) => (index % 2 === 1 ? '\\d+' : escaped(part)))
    .join('')
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/gu, '\\$&')

const firstDot = (name: string): number => (name.includes('.') ? name.indexOf('.') : name.length)

/** One pattern for the first labels: what they share, then any label characters. */
function startOf(names: readonly string[], end: string): string {
  const labels = names.map((name) => name.slice(0, firstDot(name)))
  const [first = ''] = labels
  let shared = first.length
  for (const label of labels) while (!label.startsWith(first.slice(0, shared))) shared -= 1
  return `${escaped(first.slice(0, shared))}[-a-z0-9]*${escaped(end)}`
}
