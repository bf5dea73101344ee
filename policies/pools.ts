import { nodeName } from './node-name.ts'
import type { Pool, Rules } from './rules.ts'

/** All nodes of the largest cluster, and those who pretend to be one: 100 bytes each. */
const REMEMBERED_MAX = 20_000

/** A name is matched with up to 1,024 patterns, and asked for several times in each judgement. */
const remembered = new WeakMap<Rules, Map<string, Rules>>()

/** The rules by which a requester is judged: those of the first pool that the name of its Node matches, else those for all. */
export function rulesFor(rules: Rules, username: string): Rules {
  const node = nodeName(username)
  if (node === undefined || rules.pools.length === 0) return rules
  const byNode = rememberedFor(rules)
  const known = byNode.get(node)
  if (known !== undefined) return known
  const found = poolOf(rules, node)?.rules ?? rules
  if (byNode.size >= REMEMBERED_MAX) byNode.clear()
  byNode.set(node, found)
  return found
}

/** The pool of the Node of that name. Undefined if it is outside every pool. */
export function poolOf({ pools }: Rules, node: string): Pool | undefined {
  return pools.find(({ nodes }) => nodes.some((pattern) => pattern.matches(node)))
}

/** Whether the CSRs of any Node may be approved: not every mode is dryRun. */
export function approvesAny(rules: Rules): boolean {
  return [rules, ...rules.pools.map((pool) => pool.rules)].some(({ settings }) => settings.mode !== 'dryRun')
}

function rememberedFor(rules: Rules): Map<string, Rules> {
  const known = remembered.get(rules)
  if (known !== undefined) return known
  const byNode = new Map<string, Rules>()
  remembered.set(rules, byNode)
  return byNode
}
