import { type Finding, findingsOf, severities } from './check.ts'
import { checks } from './checks.ts'
import type { Facts } from './facts.ts'

/** All findings, the worst first. */
export function diagnose(facts: Facts): Finding[] {
  const rank = ({ severity }: Finding): number => severities.indexOf(severity)
  return checks.flatMap((check) => findingsOf(check, facts)).toSorted((one, other) => rank(one) - rank(other))
}

/** Whether somebody should act: the exit code is 1 then. */
export function hasProblem(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'critical' || severity === 'warning')
}
