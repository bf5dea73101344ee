import { type Looking, lookedWords } from '../cluster/looking.ts'
import type { Output } from '../context.ts'
import type { Tone } from '../output/style.ts'
import { type Cell, table } from '../output/table.ts'

/** The values of `proof.addresses` that refuse. */
export const modes = ['auto', 'require'] as const
export type Mode = (typeof modes)[number]

/** What would be decided about the addresses of a Node. `notSeen`: from here nobody could look. */
export interface Verdict {
  readonly verdict: 'approved' | 'refused' | 'notSeen'
  readonly message: string
}

export interface Rehearsed {
  readonly node: string
  readonly verdicts: Readonly<Record<Mode, Verdict>>
}

export interface Rehearsal {
  readonly looking: Looking
  readonly rehearsed: readonly Rehearsed[]
  /** Nodes that were left out. */
  readonly left: number
}

const columns = [
  { title: 'NODE', cut: 'middle' },
  { title: 'AUTO' },
  { title: 'REQUIRE' },
  { title: 'WHY', cut: 'end' },
] as const

const words: Readonly<Record<Verdict['verdict'], { readonly text: string; readonly tone: Tone }>> = {
  approved: { text: 'approved', tone: 'good' },
  refused: { text: 'refused', tone: 'bad' },
  notSeen: { text: 'not seen', tone: 'warning' },
}

/** The Nodes that a mode would refuse or that could not be looked at, and how many there are of each. */
export function textOf({ looking, rehearsed, left }: Rehearsal, output: Output): string {
  const open = rehearsed.filter(({ verdicts }) => modes.some((mode) => verdicts[mode].verdict !== 'approved'))
  const rows = open.map(({ node, verdicts: { auto, require } }): Cell[] => [
    node,
    words[auto.verdict],
    words[require.verdict],
    auto.message === '' ? require.message : auto.message,
  ])
  const lines = [
    ...modes.map((mode) => {
      const { refused, notSeen } = countsOf(rehearsed, mode)
      return `proof.addresses: ${mode} would refuse ${refused} of ${rehearsed.length} Nodes; ${notSeen} not seen from here`
    }),
    ...(left === 0 ? [] : [`${left} more Nodes were not looked at`]),
    `looked ${lookedWords(looking)}`,
  ]
  return `${open.length === 0 ? '' : `${table(columns, rows, output)}\n`}${lines.join('\n')}\n`
}

/** The shape that docs/doctor.md lists. */
export function jsonOf({ looking, rehearsed, left }: Rehearsal): object {
  const counts = modes.map((mode) => [mode, countsOf(rehearsed, mode)])
  const nodes = rehearsed.map(({ node, verdicts }) => ({ name: node, ...verdicts }))
  return { looked: looking, summary: Object.fromEntries(counts), left, nodes }
}

function countsOf(rehearsed: readonly Rehearsed[], mode: Mode): Readonly<Record<Verdict['verdict'], number>> {
  const count = (wanted: Verdict['verdict']): number =>
    rehearsed.filter(({ verdicts }) => verdicts[mode].verdict === wanted).length
  return { approved: count('approved'), refused: count('refused'), notSeen: count('notSeen') }
}
