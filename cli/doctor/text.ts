import type { Output } from '../context.ts'
import type { Finding, Severity } from '../diagnose/check.ts'
import { isProblem } from '../diagnose/diagnose.ts'
import { fixesOf } from '../diagnose/fixes.ts'
import type { Tone } from '../output/style.ts'
import { type Cell, table } from '../output/table.ts'
import { summaryOf } from './result.ts'

const columns = [
  { title: 'SEVERITY' },
  { title: 'FINDING' },
  { title: 'SUBJECT', cut: 'middle' },
  { title: 'EVIDENCE', cut: 'end' },
] as const

export const severityTones: Readonly<Record<Severity, Tone>> = {
  critical: 'bad',
  warning: 'warning',
  info: 'strong',
  notVisible: 'faint',
  ok: 'good',
}

/**
 * The problems with the steps that fix them; causes come before effects, so the first is the most likely cause. What is only
 * worth knowing is a table below them. If `wide`, the table has all findings, and the steps are those of all.
 */
export function textOf(findings: readonly Finding[], output: Output, wide: boolean): string {
  const problems = findings.filter(isProblem)
  const others = findings.filter((finding) => !isProblem(finding) && finding.severity !== 'ok')
  const fixes = fixesOf(wide ? [...problems, ...others] : problems, output)
  const rows = (wide ? findings : others).map(rowOf)
  const parts = [
    ...(problems.length === 0 ? fixes : [`Most likely cause: ${fixes[0] ?? ''}`, ...fixes.slice(1)]),
    ...(rows.length === 0 ? [] : [table(columns, rows, output)]),
    `${summaryLine(findings)}\n`,
  ]
  return parts.join('\n')
}

function rowOf({ severity, code, subject, evidence, cis }: Finding): Cell[] {
  const seen = cis === null ? evidence : `${evidence} (CIS ${cis})`
  return [{ text: severity, tone: severityTones[severity] }, code, subject, seen]
}

function summaryLine(findings: readonly Finding[]): string {
  const { critical, warning, info, notVisible, ok } = summaryOf(findings)
  return `${critical} critical, ${warning} warning, ${info} info, ${notVisible} notVisible, ${ok} ok`
}
