import { oneLine } from '../../policies/text.ts'
import type { Opinion } from '../../server/explain.ts'
import type { Policy } from '../cluster/policy.ts'
import type { Output } from '../context.ts'
import type { Subject } from '../explain/subject.ts'
import { type Cell, table } from '../output/table.ts'
import { dependsOnLook } from '../stored/opinion.ts'

/** One stored CSR by two policies. */
export interface Replayed {
  readonly subject: Subject
  readonly before: Opinion
  readonly after: Opinion
  readonly changes: boolean
}

export interface Replay {
  readonly before: Policy
  readonly after: Policy
  readonly csrs: readonly Replayed[]
  /** CSRs that are too large to be read. */
  readonly unreadable: number
  /** What is not known of the cluster, so that no CSR is approved by either policy; null if all is known. */
  readonly unknown: string | null
}

const columns = [
  { title: 'CSR' },
  { title: 'REQUESTER', cut: 'middle' },
  { title: 'STATE' },
  { title: 'BEFORE' },
  { title: 'AFTER' },
  { title: 'WHY', cut: 'end' },
] as const

const MESSAGE_MAX = 1_024

/** `approve`, or `deny NameOutsidePolicy`. */
function shortOf(opinion: Opinion): string {
  const { action, decision } = opinion
  const { verdict, reason } = decision
  if (dependsOnLook(opinion)) return 'depends on who answers'
  return action === 'approved' && verdict === 'approve' ? 'approved' : `${action} ${reason}`
}

export function textOf({ before, after, csrs, unreadable, unknown }: Replay, output: Output): string {
  const changed = csrs.filter(({ changes }) => changes)
  const rows = changed.map(({ subject, before: old, after: now }): Cell[] => [
    subject.reading.csr.name,
    subject.reading.csr.requester.username,
    subject.state,
    shortOf(old),
    { text: shortOf(now), tone: now.action === 'approved' ? 'good' : 'bad' },
    now.action === 'approved' ? old.decision.message : now.decision.message,
  ])
  const counts = countsOf(csrs, ({ action }) => action === 'approved')
  const depend = countsOf(csrs, dependsOnLook)
  const lines = [
    `${csrs.length} stored CSRs: ${changed.length} would change; approved ${counts.before} before, ${counts.after} after`,
    ...(depend.before + depend.after === 0
      ? []
      : [
          `would depend on who answers at their addresses: ${depend.before} before, ${depend.after} after. Nobody is dialled`,
        ]),
    `before ${oneLine(before.source, MESSAGE_MAX)}, hash ${before.rules.hash}`,
    `after  ${oneLine(after.source, MESSAGE_MAX)}, hash ${after.rules.hash}`,
    ...(unreadable === 0 ? [] : [`${unreadable} CSRs are too large to be read`]),
    ...(unknown === null ? [] : [`not known, so nothing is approved: ${oneLine(unknown, MESSAGE_MAX)}`]),
  ]
  return `${changed.length === 0 ? '' : `${table(columns, rows, output)}\n`}${lines.join('\n')}\n`
}

/** Of how many it is true by either policy. */
function countsOf(
  csrs: readonly Replayed[],
  is: (opinion: Opinion) => boolean,
): { readonly before: number; readonly after: number } {
  const count = (side: 'before' | 'after'): number => csrs.filter((csr) => is(csr[side])).length
  return { before: count('before'), after: count('after') }
}

/** The shape that docs/policy-cli.md lists. */
export function jsonOf({ before, after, csrs, unreadable, unknown }: Replay): object {
  const changed = csrs.filter(({ changes }) => changes)
  return {
    before: { source: before.source, hash: before.rules.hash },
    after: { source: after.source, hash: after.rules.hash },
    csrs: csrs.length,
    changed: changed.length,
    approved: countsOf(csrs, ({ action }) => action === 'approved'),
    dependOnLook: countsOf(csrs, dependsOnLook),
    unreadable,
    unknown,
    changes: changed.map(({ subject, before: old, after: now }) => ({
      name: subject.reading.csr.name,
      username: subject.reading.csr.requester.username,
      state: subject.state,
      before: opinionJson(old),
      after: opinionJson(now),
    })),
  }
}

const opinionJson = ({ action, decision: { verdict, reason, message } }: Opinion): object => ({
  action,
  verdict,
  reason,
  message,
})
