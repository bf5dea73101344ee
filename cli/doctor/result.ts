import { type Finding, severities, type Severity } from '../diagnose/check.ts'

/** How many findings there are of each severity. */
export function summaryOf(findings: readonly Finding[]): Readonly<Record<Severity, number>> {
  const summary = { critical: 0, warning: 0, info: 0, notVisible: 0, ok: 0 } satisfies Record<
    Severity,
    number
  >
  for (const severity of severities)
    summary[severity] = findings.filter((finding) => finding.severity === severity).length
  return summary
}

/** The shape that docs/doctor.md lists. */
export function jsonOf(findings: readonly Finding[]): object {
  return { summary: summaryOf(findings), findings }
}
