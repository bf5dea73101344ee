import type { Rules } from './rules.ts'
import { probesOf } from './seen.ts'
import type { ClusterStage, Decision } from './types.ts'

/** The names and addresses whose answer alone decides, as text; none if anything else is in the way. */
export function awaitingLook({ verdict, findings }: Decision): string[] {
  const open = findings.filter(({ outcome }) => outcome !== 'pass' && outcome !== 'skipped')
  if (verdict !== 'unknown' || open.some(({ unlooked }) => unlooked === undefined)) return []
  return [...new Set(open.flatMap(({ unlooked = [] }) => unlooked))]
}

/** The facts for an operator who approves without a look at what could not be looked at. */
export function withoutLook(facts: ClusterStage, rules: Rules): ClusterStage {
  const probes = probesOf(facts, rules)
  const seen = probes.kind === 'here' ? probes : { kind: 'here' as const, results: [], network: {} }
  return { ...facts, cluster: { ...facts.cluster, probes: { ...seen, waived: true } } }
}
