import type { Output } from '../context.ts'
import type { Tone } from '../output/style.ts'
import { type Cell, table } from '../output/table.ts'
import type { Finding, Severity } from '../diagnose/check.ts'
import { fixesOf, groupsOf } from '../diagnose/fixes.ts'
import { summaryOf } from './result.ts'

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

/** Subjects shown of one finding; -o wide has all. */
const SUBJECTS_MAX = 3

/** The findings as a table, with the fixing commands below it; those that are ok only if `wide`. */
export function textOf(findings: readonly Finding[], output: Output, wide: boolean): string {
  const shown = wide ? findings : findings.filter(({ severity }) => severity !== 'ok')
  const rows = shown.length === 0 ? '' : table(columns, rowsOf(shown, wide ? Infinity : SUBJECTS_MAX), output)
  return `${rows}${fixesOf(shown, output)}\n${summaryLine(findings)}\n`
}

function rowsOf(findings: readonly Finding[], subjectsMax: number): Cell[][] {
  return groupsOf(findings).flatMap((group) => {
    const rows = group
      .slice(0, subjectsMax)
      .map(({ severity, code, subject, evidence, cis }): Cell[] => [
        words[severity],
        code,
        subject,
        cis === null ? evidence : `${evidence} (CIS ${cis})`,
      ])
    const [first] = group
    const more = group.length - subjectsMax
    if (first === undefined || more <= 0) return rows
    return [
      ...rows,
      [words[first.severity], first.code, { text: `and ${more} more`, tone: 'faint' }, '-o wide lists all'],
    ]
  })
}

function summaryLine(findings: readonly Finding[]): string {
  const { critical, warning, info, notVisible, ok } = summaryOf(findings)
  return `${critical} critical, ${warning} warning, ${info} info, ${notVisible} not visible, ${ok} ok`
}
