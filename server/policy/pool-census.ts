import { nodeUser } from '../../policies/node-name.ts'
import { rulesFor } from '../../policies/pools.ts'
import type { Rules } from '../../policies/rules.ts'
import type { NodeFacts } from '../../policies/types.ts'
import { forEachInTurns } from '../in-turns.ts'
import type { Log, Store } from '../ports.ts'

/** Names in a log line; the others are counted. */
const NAMED_MAX = 10
const SYNC_CHECK_MS = 500

export interface PoolCensusParts {
  readonly policy: { rules(): Rules; subscribe(listener: () => void): void }
  readonly nodes: Pick<Store<NodeFacts>, 'state' | 'values'>
  readonly log: Log
}

/** Tells which pool each existing Node is in: once the Nodes are known, and after each change of the policy. */
export function startPoolCensus(parts: PoolCensusParts): { stop(): void } {
  const isSynced = () => parts.nodes.state().phase !== 'syncing'
  const timer = setInterval(() => {
    if (!isSynced()) return
    clearInterval(timer)
    void tellPools(parts)
  }, SYNC_CHECK_MS).unref()
  parts.policy.subscribe(() => {
    if (isSynced()) void tellPools(parts)
  })
  return { stop: () => clearInterval(timer) }
}

/** Logs how many Nodes each pool has. A pool without Nodes, or a Node outside every pool, may be a typo in a pattern. */
export async function tellPools({ policy, nodes, log }: PoolCensusParts): Promise<void> {
  const rules = policy.rules()
  if (rules.pools.length === 0) return
  const counts = new Map(rules.pools.map(({ name }) => [name, 0]))
  const outside: string[] = []
  await forEachInTurns(nodes.values(), ({ name }) => {
    const { pool } = rulesFor(rules, nodeUser(name))
    if (pool === null) outside.push(name)
    else counts.set(pool, (counts.get(pool) ?? 0) + 1)
  })
  const { hash: policyHash } = rules
  log.info({ pools: Object.fromEntries(counts), outside: outside.length, policyHash }, 'Nodes in each pool')
  const empty = [...counts].filter(([, count]) => count === 0).map(([name]) => name)
  if (empty.length > 0)
    log.warn({ pools: empty, policyHash }, 'no Node is in these pools: check their patterns')
  if (outside.length === 0) return
  const names = outside.toSorted().slice(0, NAMED_MAX)
  log.warn(
    { nodes: names, count: outside.length, policyHash },
    'these Nodes are in no pool: the settings for all nodes apply',
  )
}
