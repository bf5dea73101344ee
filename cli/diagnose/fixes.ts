import { oneLine } from '../../policies/text.ts'
import type { Output } from '../context.ts'
import { styled } from '../output/style.ts'
import type { Finding } from './check.ts'

const LINE_MAX = 1_024

/** Findings with one code and severity, in the order of the first of each. */
export function groupsOf(findings: readonly Finding[]): Finding[][] {
  return [...Map.groupBy(findings, ({ severity, code }) => `${severity} ${code}`).values()]
}

/** What the first finding of each group is, and the command that fixes it; empty without one. */
export function fixesOf(findings: readonly Finding[], output: Output): string {
  const fixes = groupsOf(findings.filter(({ fix }) => fix !== '')).flatMap(([first]) =>
    first === undefined
      ? []
      : [
          `  ${styled(first.code, 'strong', output)}  ${oneLine(`${first.subject}: ${first.evidence}`, LINE_MAX)}\n` +
            `    ${oneLine(first.fix, LINE_MAX)}\n`,
        ],
  )
  return fixes.length === 0 ? '' : `\nTo fix:\n${fixes.join('')}`
}
