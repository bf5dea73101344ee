import { oneLine } from '../../policies/text.ts'
import type { Decision } from '../../policies/types.ts'
import type { Policy } from '../cluster/policy.ts'
import type { Output } from '../context.ts'
import type { Subject } from '../explain/subject.ts'
import { type Cell, table } from '../output/table.ts'

/**
 * What the policy changes about a stored CSR. `approved` and `refused`: it was decided otherwise, or waits. `dependsOnLook`:
 * it would be approved or not by who answers at its addresses, and nobody is dialled.
 */
export type Fate = 'same' | 'approved' | 'refused' | 'dependsOnLook' | 'unknown'

export interface Replayed {
  readonly subject: Subject
  readonly decision: Decision
  readonly fate: Fate
}

export interface Replay {
  readonly policy: Policy
  readonly csrs: readonly Replayed[]
  /** CSRs that are too large to be read. */
  readonly unreadable: number
  /** What is not known of the cluster, so that no CSR is approved; null if all is known. */
  readonly unknown: string | null
}

const columns = [
  { title: 'CSR' },
  { title: 'REQUESTER', cut: 'middle' },
  { title: 'STATE' },
  { title: 'WOULD BE' },
  { title: 'WHY', cut: 'end' },
] as const

const fateCells: Readonly<Record<Fate, Cell>> = {
  same: 'same',
  approved: { text: 'approved', tone: 'good' },
  refused: { text: 'refused', tone: 'bad' },
  dependsOnLook: { text: 'depends on who answers', tone: 'warning' },
  unknown: { text: 'unknown', tone: 'warning' },
}

const MESSAGE_MAX = 1_024

/** @param wide also CSRs that depend on who answers, or could not be judged */
export function textOf({ policy, csrs, unreadable, unknown }: Replay, output: Output, wide: boolean): string {
  const listed = wide ? csrs.filter(({ fate }) => fate !== 'same') : changesIn(csrs)
  const rows = listed.map(({ subject: { reading, state }, decision, fate }): Cell[] => [
    reading.csr.name,
    reading.csr.requester.username,
    state,
    fateCells[fate],
    decision.message,
  ])
  const { refused, approved, dependsOnLook, unknown: notJudged } = countsOf(csrs)
  const lines = [
    `${csrs.length} stored CSRs: ${refused} approved would be refused, ${approved} others would be approved`,
    ...(dependsOnLook === 0
      ? []
      : [`would depend on who answers at their addresses: ${dependsOnLook}. Nobody is dialled`]),
    ...(notJudged === 0 ? [] : [`could not be judged: ${notJudged}`]),
    `policy ${oneLine(policy.source, MESSAGE_MAX)}, hash ${policy.rules.hash}`,
    ...(unreadable === 0 ? [] : [`${unreadable} CSRs are too large to be read`]),
    ...(unknown === null ? [] : [`not known, so nothing is approved: ${oneLine(unknown, MESSAGE_MAX)}`]),
  ]
  return `${rows.length === 0 ? '' : `${table(columns, rows, output)}\n`}${lines.join('\n')}\n`
}

function countsOf(csrs: readonly Replayed[]): Readonly<Record<Fate, number>> {
  const counts = { same: 0, approved: 0, refused: 0, dependsOnLook: 0, unknown: 0 }
  for (const { fate } of csrs) counts[fate] += 1
  return counts
}

function changesIn(csrs: readonly Replayed[]): readonly Replayed[] {
  return csrs.filter(({ fate }) => fate === 'approved' || fate === 'refused')
}

/** The CSRs that are decided differently, as kubectl names them. */
export function namesOf({ csrs }: Replay): string[] {
  return changesIn(csrs).map(
    ({ subject }) => `certificatesigningrequest.certificates.k8s.io/${subject.reading.csr.name}`,
  )
}

/** The shape that docs/policy-cli.md lists. */
export function jsonOf({ policy, csrs, unreadable, unknown }: Replay): object {
  const counts = countsOf(csrs)
  return {
    policy: { source: policy.source, hash: policy.rules.hash },
    csrs: csrs.length,
    dependOnLook: counts.dependsOnLook,
    notJudged: counts.unknown,
    unreadable,
    unknown,
    changes: changesIn(csrs).map(({ subject, decision: { verdict, reason, message } }) => ({
      name: subject.reading.csr.name,
      username: subject.reading.csr.requester.username,
      state: subject.state,
      verdict,
      reason,
      message,
    })),
  }
}
