/** Approvers in turns on one control plane, and the table of what was measured. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { inColumns } from '../../kit/columns.ts'
import {
  type Approver,
  type Figures,
  type Installed,
  OURS,
  ours,
  postfinance,
  workingSets,
} from './approvers.ts'
import { bare } from './bare-approval.ts'
import { percentile } from './statistics.ts'
import { forget } from './storm.ts'

export interface Contest {
  readonly title: string
  /** By the name of the approver, ours last: the figures of each round. */
  readonly rounds: Readonly<Record<string, readonly Figures[]>>
}

export interface ContestOptions {
  readonly title: string
  readonly rounds: number
  /** Told of each round. */
  readonly print: (line: string) => void
}

/** The heap settles, and the controller writes its ledger: 16 ConfigMaps, two a second. */
const SETTLE_MS = 15_000

/** Each round each approver is started anew on a cluster as it was. Turns meet the same noise of the machine. */
export async function inTurns(
  cluster: ControlPlane,
  { title, rounds, print }: ContestOptions,
  measure: (installed: Installed) => Promise<Figures>,
): Promise<Contest> {
  const approvers = [bare, await postfinance(), ours]
  const all: Record<string, Figures[]> = Object.fromEntries(approvers.map(({ name }) => [name, []]))
  for (let round = 1; round <= rounds; round++) {
    for (const approver of approvers) {
      const figures = await turnOf(approver, cluster, measure)
      all[approver.name]?.push(figures)
      print(`${title}, round ${round} of ${rounds}, ${approver.name}: ${textOf(figures)}`)
    }
  }
  return { title, rounds: all }
}

async function turnOf(
  approver: Approver,
  cluster: ControlPlane,
  measure: (installed: Installed) => Promise<Figures>,
): Promise<Figures> {
  await forget(cluster)
  await using installed = await approver.start(cluster)
  await sleep(SETTLE_MS)
  const idle = workingSets(installed, 'working set MiB, idle')
  return { ...idle, ...(await measure(installed)) }
}

/** Medians of the rounds; ratios of ours to each other one, which are medians of the rounds' ratios. */
export function summaryOf({ title, rounds }: Contest) {
  const names = Object.keys(rounds)
  const own = rounds[OURS] ?? []
  const medians = Object.fromEntries(names.map((name) => [name, mediansOf(rounds[name] ?? [])]))
  const others = names.filter((name) => name !== OURS)
  const ratios = Object.fromEntries(
    others.map((name) => [name, mediansOf(quotients(own, rounds[name] ?? []))]),
  )
  return { title, rounds, medians, ratios }
}

export function tableOf(contest: Contest): readonly string[] {
  const { medians, ratios } = summaryOf(contest)
  const columns = [...Object.values(medians), ...Object.values(ratios)]
  // Ours has more rows than the others have.
  const titles = new Set([OURS, ...Object.keys(medians)].flatMap((name) => Object.keys(medians[name] ?? {})))
  const head = ['', ...Object.keys(medians), ...Object.keys(ratios).map((name) => `ours / ${name}`)]
  const rows = [...titles].map((row) => [row, ...columns.map((figures) => cellOf(figures[row]))])
  return [contest.title, ...inColumns([head, ...rows])]
}

/** Round by round, of those figures that both have. */
function quotients(own: readonly Figures[], others: readonly Figures[]): readonly Figures[] {
  return own.map((figures, round) => {
    const shared = Object.entries(figures).flatMap(([row, figure]) => {
      const other = others[round]?.[row]
      return other === undefined ? [] : [[row, figure / other] as const]
    })
    return Object.fromEntries(shared)
  })
}

function mediansOf(rounds: readonly Figures[]): Figures {
  const titles = Object.keys(rounds[0] ?? {})
  return Object.fromEntries(
    titles.map((row) => [
      row,
      percentile(
        rounds.map((one) => one[row] ?? NaN),
        0.5,
      ),
    ]),
  )
}

function textOf(figures: Figures): string {
  return Object.entries(figures)
    .map(([row, figure]) => `${row} ${cellOf(figure)}`)
    .join('; ')
}

function cellOf(figure: number | undefined): string {
  if (figure === undefined || Number.isNaN(figure)) return ''
  if (Number.isInteger(figure)) return String(figure)
  return figure.toFixed(figure >= 100 ? 0 : figure >= 10 ? 1 : 2)
}
