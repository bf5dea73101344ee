import { type Check, type Finding, findingsOf, severities } from './check.ts'
import { checks, nodeChecks } from './checks.ts'
import { subjectOf } from './checks/outcomes.ts'
import type { Facts, FleetFacts, Kubelet } from './facts.ts'

/** All findings about a cluster, the worst first. */
export const diagnose = (facts: Facts): Finding[] => findingsBy(checks, facts)

/** A kubelet, and the worst that was found about it; null if nothing was. */
export interface Standing extends Kubelet {
  readonly finding: Finding | null
}

/** How each node stands on the way to its serving certificate. None if the Nodes are not visible. */
export function standingsOf(facts: FleetFacts): Standing[] {
  const findings = findingsBy(nodeChecks, facts).filter(({ severity }) => severity !== 'ok')
  const bySubject = Map.groupBy(findings, ({ subject }) => subject)
  const kubelets = facts.kubelets.known ? facts.kubelets.value : []
  return kubelets.map((kubelet) => ({
    ...kubelet,
    finding: bySubject.get(subjectOf(kubelet))?.[0] ?? null,
  }))
}

function findingsBy<F extends FleetFacts>(list: readonly Check<string, F>[], facts: F): Finding[] {
  const rank = ({ severity }: Finding): number => severities.indexOf(severity)
  return list.flatMap((check) => findingsOf(check, facts)).toSorted((one, other) => rank(one) - rank(other))
}

/** Whether somebody should act: the exit code is 1 then. */
export function isProblem({ severity }: Finding): boolean {
  return severity === 'critical' || severity === 'warning'
}

/** Whether a node is done: its kubelet serves its own certificate of the cluster, and nothing is wrong with it. */
export function isServing({ serving, finding }: Standing): boolean {
  return serving === 'yes' && (finding === null || !isProblem(finding))
}
