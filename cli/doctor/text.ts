import { oneLine } from '../../policies/text.ts'
import type { Output } from '../context.ts'
import { styled, type Tone } from '../output/style.ts'
import { type Cell, table } from '../output/table.ts'
import type { Finding, Severity } from '../diagnose/check.ts'
import { fixesOf, groupsOf } from '../diagnose/fixes.ts'
import { type Examined, summaryOf } from './result.ts'

const columns = [
  { title: 'SEVERITY' },
  { title: 'FINDING' },
  { title: 'SUBJECT', cut: 'middle' },
  { title: 'EVIDENCE', cut: 'end' },
] as const

const words: Readonly<Record<Severity, { readonly text: string; readonly tone: Tone }>> = {
  critical: { text: 'critical', tone: 'bad' },
  warning: { text: 'warning', tone: 'warning' },
  info: { text: 'info', tone: 'strong' },
  notVisible: { text: 'not visible', tone: 'faint' },
  ok: { text: 'ok', tone: 'good' },
}

/** Subjects shown of one finding; -o json has all. */
const SUBJECTS_MAX = 3
const LINE_MAX = 1_024

/** The findings of each cluster as a table, with the fixing commands below it. */
export function textOf(examined: readonly Examined[], output: Output): string {
  return examined.map((one) => clusterText(one, output, examined.length > 1)).join('\n')
}

function clusterText(
  { context, server, version, findings, problem }: Examined,
  output: Output,
  titled: boolean,
): string {
  const title = titled
    ? `${styled(oneLine(`${context}  ${server} ${version}`.trimEnd(), LINE_MAX), 'strong', output)}\n`
    : ''
  const reached = problem === null ? '' : `${oneLine(problem.message, LINE_MAX)}\n`
  if (findings.length === 0) return title + reached
  const shown = findings.filter(({ severity }) => severity !== 'ok')
  const rows = shown.length === 0 ? '' : table(columns, rowsOf(shown), output)
  return `${title}${rows}${fixesOf(shown, output)}\n${summaryLine(findings)}\n${reached}`
}

function rowsOf(findings: readonly Finding[]): Cell[][] {
  return groupsOf(findings).flatMap((group) => {
    const rows = group
      .slice(0, SUBJECTS_MAX)
      .map(({ severity, code, subject, evidence, cis }): Cell[] => [
        words[severity],
        code,
        subject,
        cis === null ? evidence : `${evidence} (CIS ${cis})`,
      ])
    const [first] = group
    const more = group.length - SUBJECTS_MAX
    if (first === undefined || more <= 0) return rows
    return [
      ...rows,
      [words[first.severity], first.code, { text: `and ${more} more`, tone: 'faint' }, '-o json lists all'],
    ]
  })
}

function summaryLine(findings: readonly Finding[]): string {
  const { critical, warning, info, notVisible, ok } = summaryOf(findings)
  return `${critical} critical, ${warning} warning, ${info} info, ${notVisible} not visible, ${ok} ok`
}
