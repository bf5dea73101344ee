import { checks } from '../../cli/diagnose/checks.ts'
import { code, entry } from './markdown.ts'

type Kind = (typeof checks)[number]['kinds'][string]

/** What each check of `doctor` looks at, in their order, and below it everything that it may find. */
export function doctorFindings(): string {
  return checks
    .flatMap(({ id, asks, cis, kinds }) => [
      entry(3, id, cis === undefined ? asks : `${asks} CIS ${cis}.`),
      ...Object.entries(kinds).map(([finding, kind]) => findingEntry(finding, kind)),
    ])
    .join('\n\n')
}

function findingEntry(name: string, { severity, breaksLogs = false, means, fix }: Kind): string {
  const meaning = `**${severity}.** ${means}${breaksLogs ? ` ${BREAKS_LOGS}` : ''}`
  return fix === '' ? entry(4, name, meaning) : entry(4, name, meaning, '', `Fix: ${code(fix)}`)
}

const BREAKS_LOGS =
  'Critical where the API server verifies kubelets: kubectl logs and exec fail for the node.'
