import { inColumns } from '../../kit/columns.ts'
import { spread } from '../bench/statistics.ts'
import type { Outcomes } from './run-attacker.ts'
import type { HostileInput } from './input.ts'
import type { Joined } from './joins.ts'
import type { Probed } from './liveness.ts'

/** What was seen while one hostile input lasted, or none. */
export interface Row extends Pick<HostileInput, 'name'> {
  readonly against: HostileInput['against'] | null
  /** MiB of working set, at its highest. */
  readonly memory: { readonly webhook: number; readonly controller: number }
  readonly probes: Probed
  readonly honest: Joined
  /** How processes ended that were not asked to: each is a restart. */
  readonly ends: readonly string[]
  readonly outcomes: Outcomes
}

/** Milliseconds that honest nodes may wait longer at the 99th percentile than while nothing happens. */
const LATER_MS = 250

/** All that must not be. */
export function faultsOf(row: Row, quiet: Row): readonly string[] {
  const { honest, probes, ends } = row
  const later = spread(honest.approved).p99 - spread(quiet.honest.approved).p99
  const missing = honest.asked - honest.approved.length
  return [
    ...(ends.length > 0 ? [`${ends.length} restarts (${ends.join(', ')})`] : []),
    ...(probes.failed > 0 ? [`${probes.failed} of ${probes.sent} probes failed`] : []),
    ...(missing > 0
      ? [`${missing} of ${honest.asked} honest nodes not approved: ${honest.problems[0]}`]
      : []),
    ...(later > LATER_MS
      ? [`honest p99 ${later.toFixed(0)} ms over quiet; ${bareLater(row, quiet)}${refused(row)}`]
      : []),
  ]
}

/** How much of it there would be without us. */
function bareLater(row: Row, quiet: Row): string {
  const bare = spread(row.honest.bare).p99 - spread(quiet.honest.bare).p99
  return `bare ${bare.toFixed(0)} ms`
}

function refused({ honest: { refusals } }: Row): string {
  return refusals.length === 0 ? '' : `; ${refusals.length} refused at first: ${refusals[0]}`
}

const HEAD = [
  '',
  'webhook',
  'controller',
  'slowest',
  'failed',
  'p50',
  'p99',
  'bare p50',
  'bare p99',
  'refused',
  'approved',
  'restarts',
]

export const LEGEND = `
MiB of working set at their highest, of a limit of 192; /livez, each second, on a new connection: the slowest answer, and
how many failed; milliseconds from an honest kubelet's first create to Approved; bare: those of a CSR that an administrator
approves at once, which is what the control plane and this machine take without us; honest CSRs that were refused,
which a kubelet repeats after 2 s and more; honest kubelets that were approved; processes that ended.`

export function renderTable(rows: readonly Row[]): string {
  return inColumns([HEAD, ...rows.map(cellsOf)]).join('\n')
}

/** One row, and what the attacker met. */
export function renderRow(row: Row): string {
  const met = Object.entries(row.outcomes)
    .sort(([, one], [, other]) => other - one)
    .slice(0, OUTCOMES_SHOWN)
    .map(([outcome, count]) => `${count} × ${outcome}`)
  return `${renderTable([row]).split('\n').at(-1)}\n  attempts: ${met.join(', ') || 'none'}`
}

const OUTCOMES_SHOWN = 6

function cellsOf({ name, memory, probes, honest, ends }: Row): readonly string[] {
  const { p50, p99 } = spread(honest.approved)
  const bare = spread(honest.bare)
  const figures = [memory.webhook, memory.controller, probes.slowestMs].map((figure) => figure.toFixed(0))
  const waits = [p50, p99, bare.p50, bare.p99].map((ms) => ms.toFixed(0))
  const approved = `${honest.approved.length}/${honest.asked}`
  const counts = [String(honest.refusals.length), approved, String(ends.length)]
  return [name, ...figures, `${probes.failed}/${probes.sent}`, ...waits, ...counts]
}
