import { oneLine } from '../../policies/text.ts'
import type { Output } from '../context.ts'
import { INDENT, type Labelled, labelled } from '../output/labelled.ts'
import { styled } from '../output/style.ts'
import type { Finding, Step } from './check.ts'

/** Commands are never cut: half of one is worse than none. */
const COMMAND_MAX = 4_096

/** Subjects shown of one finding; JSON has all. */
const SUBJECTS_MAX = 3

/** Of findings with one code: what was seen, what it means, and the steps that fix it for the first subject. */
export function fixesOf(findings: readonly Finding[], output: Output): string[] {
  return [...Map.groupBy(findings, ({ code }) => code).values()].map((group) => fixOf(group, output))
}

function fixOf(group: readonly Finding[], output: Output): string {
  const [first] = group
  if (first === undefined) return ''
  const { code, severity, means, fix } = first
  const more = group.length - SUBJECTS_MAX
  const lines: Labelled[] = [
    ...group
      .slice(0, SUBJECTS_MAX)
      .map(({ subject, evidence }) => ['  saw', `${subject}: ${evidence}`] as const),
    ...(more > 0 ? [['', `and ${more} more`] as const] : []),
    ...(means === '' ? [] : [['  means', means] as const]),
  ]
  const steps = fix.map((step) => stepText(step, output))
  const title = `${styled(code, 'strong', output)} (${severity})`
  return `${title}\n${lines.map((line) => labelled(line, output)).join('')}${steps.join('')}`
}

function stepText({ run = '', ...step }: Step, output: Output): string {
  const words = wordsOf(step)
  const text = words === '' ? '' : labelled(['  do', run === '' ? `${words}.` : `${words}:`], output)
  return run === '' ? text : `${text}${' '.repeat(INDENT)}${oneLine(run, COMMAND_MAX)}\n`
}

/** Where and why, as the beginning of a sentence. */
function wordsOf({ on, about = '' }: Omit<Step, 'run'>): string {
  if (on === undefined) return about
  return about === '' ? `On ${on}` : `On ${on}. ${about}`
}

/** The steps in lines without a layout. */
export function stepLines(fix: readonly Step[]): string[] {
  return fix.map(({ run = '', ...step }) => [wordsOf(step), run].filter((part) => part !== '').join(': '))
}
