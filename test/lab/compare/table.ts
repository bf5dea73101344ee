import { inColumns } from '../../kit/columns.ts'
import type { Contender } from './contender.ts'
import type { Figures, Signed } from './tally.ts'

export interface Line extends Pick<Contender, 'name' | 'told' | 'version'> {
  /** Or why there are none: that is no word about the approver. */
  readonly figures: Figures | string
}

const HEAD = [
  'approver',
  'version',
  'issued',
  'denied',
  'left',
  'as another',
  'as itself',
  'unsigned',
  'denied',
  'left',
  'MB',
  'told',
] as const

const LEGEND = `
Honest nodes: certificate issued, denied, left without an answer.
Hostile requests: certified as another (a name, address or identity that is not its holder's), certified as nothing but
itself (hostile by a rule), approved but unsigned (Kubernetes' signer refused), denied, left. MB: peak memory.`

/** A table, and below it what the figures are of. */
export function renderLines(lines: readonly Line[]): string {
  const rows = [HEAD, ...lines.map(cellsOf)]
  const table = inColumns(rows)
  return [...table, LEGEND, ...lines.flatMap(detailsOf)].join('\n')
}

function cellsOf({ name, version, told, figures }: Line): readonly string[] {
  if (typeof figures === 'string') return [name, version ?? '', 'not measured']
  const { honest, hostile, megabytes } = figures
  const { signedForeign, signedOwn, approvedOnly, denied, pending } = hostile
  const counts = [honest.issued, honest.denied.length, honest.pending.length]
  const judged = [signedForeign.length, signedOwn.length, approvedOnly.length, denied, pending]
  return [name, version ?? '', ...[...counts, ...judged, megabytes].map(String), told]
}

function detailsOf({ name, told, figures }: Line): readonly string[] {
  const head = `\n${name}: ${told}`
  if (typeof figures === 'string') return [head, `  not measured: ${figures}`]
  const { honest, hostile } = figures
  const all = (what: string, titles: readonly string[]) =>
    titles.length === 0 ? [] : [`  ${what}:`, ...titles.map((title) => `    ${title}`)]
  return [
    head,
    ...all('honest nodes denied', honest.denied),
    ...all('honest nodes left without an answer', honest.pending),
    ...all('certificates that say what is not their holder’s', hostile.signedForeign.map(toldOf)),
    ...all('certificates that say only what is their holder’s', hostile.signedOwn.map(toldOf)),
    ...all('approved, and refused by the signer', hostile.approvedOnly),
  ]
}

/** What is shown of one certificate; `--output json` has all of it. */
const SHOWN = 3

function toldOf({ title, by, foreign }: Signed): string {
  const more = foreign.length > SHOWN ? [`${foreign.length - SHOWN} more`] : []
  return [`${title} (${by})`, ...foreign.slice(0, SHOWN).map(printable), ...more].join(' · ')
}

/** A certificate may say what a terminal would obey. */
function printable(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}
