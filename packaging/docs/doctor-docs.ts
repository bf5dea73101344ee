import { checks } from '../../cli/diagnose/checks.ts'
import { code, markdown } from './markdown.ts'

/** What each check of `doctor` looks at, in their order. */
export function doctorChecksTable(): string {
  return markdown(
    ['check', 'looks at', 'CIS'],
    checks.map(({ id, asks, cis = '' }) => [anchored(id), asks, cis]),
  )
}

/** Everything that `doctor` may find. */
export function doctorFindingsTable(): string {
  const rows = checks.flatMap(({ id: check, kinds }) =>
    Object.entries(kinds).map(([finding, { severity, breaksLogs = false, means, fix }]) => [
      anchored(finding),
      severity,
      breaksLogs ? `${means} ${BREAKS_LOGS}` : means,
      code(fix),
      code(check),
    ]),
  )
  return markdown(['finding', 'severity', 'what it means', 'fix', 'check'], rows)
}

const BREAKS_LOGS =
  'Critical where the API server verifies kubelets: kubectl logs and exec fail for the node.'

const anchored = (id: string): string => `<a id="${id.toLowerCase()}"></a>${code(id)}`
