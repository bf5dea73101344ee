import { type Finding, severities, type Severity } from '../diagnose/check.ts'
import type { Problem } from '../exit-codes.ts'

/** One cluster after its examination. */
export interface Examined {
  readonly context: string
  readonly server: string
  readonly version: string
  readonly findings: readonly Finding[]
  /** Why it could not be examined; else null. */
  readonly problem: Problem | null
}

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

/** The shape that docs/doctor.md lists: the same for one cluster and for several. */
export function jsonOf(examined: readonly Examined[]): object {
  return {
    clusters: examined.map(({ problem, ...one }) => ({
      ...one,
      problem: problem?.message ?? null,
      summary: summaryOf(one.findings),
    })),
  }
}
