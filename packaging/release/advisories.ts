interface Advisory {
  readonly name: string
  readonly severity: 'high' | 'critical'
  readonly title: string
}

export type Audit =
  | { readonly known: true; readonly serious: readonly Advisory[] }
  | { readonly known: false; readonly because: string }

/** Reads `npm audit --json`, report version 2. Whatever is not such a report is no answer, never a clean one. */
export function readAudit(printed: string): Audit {
  const report = parsed(printed)
  if (typeof report?.message === 'string') return { known: false, because: report.message }
  if (report?.auditReportVersion !== 2 || typeof report.vulnerabilities !== 'object')
    return { known: false, because: 'npm audit printed no report' }
  const serious = Object.values(report.vulnerabilities).flatMap(
    ({ name, severity, via }): readonly Advisory[] =>
      severity === 'high' || severity === 'critical' ? [{ name, severity, title: titleOf(via) }] : [],
  )
  return { known: true, serious }
}

interface Report {
  readonly message?: string
  readonly auditReportVersion?: number
  readonly vulnerabilities?: Readonly<Record<string, Vulnerability>>
}

interface Vulnerability {
  readonly name: string
  readonly severity: string
  /** The advisories, or the names of the dependencies that have them. */
  readonly via: readonly (string | { readonly title: string })[]
}

function parsed(printed: string): Report | null {
  try {
    return JSON.parse(printed)
  } catch {
    return null
  }
}

function titleOf(via: Vulnerability['via']): string {
  return via.map((reason) => (typeof reason === 'string' ? `through ${reason}` : reason.title)).join('; ')
}
