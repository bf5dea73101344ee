import { checks } from '../../cli/diagnose/checks.ts'
import { code, entry, prose } from './markdown.ts'

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
  const steps = fix.map((step) => `- ${stepText(step)}`)
  return entry(4, name, meaning, '', 'Fix:', '', ...steps)
}

function stepText({ on, about, run }: Kind['fix'][number]): string {
  const where = on === undefined ? [] : [`On ${on}`]
  const words = [...where, ...(about === undefined ? [] : [prose(about)])].join('. ')
  return [words, ...(run === undefined ? [] : [code(run)])].filter((part) => part !== '').join(': ')
}

const BREAKS_LOGS =
  'Critical where the API server verifies kubelets: kubectl logs and exec fail for the node.'
