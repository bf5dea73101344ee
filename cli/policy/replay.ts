import type { Opinion } from '../../server/explain.ts'
import { judgingNow } from '../cluster/judging.ts'
import { type Policy, policyFor, policyOfFile } from '../cluster/policy.ts'
import { readList } from '../cluster/read-list.ts'
import type { Session } from '../cluster/session.ts'
import { type ClusterOptions, failWith, type FormatOptions } from '../command.ts'
import type { Context } from '../context.ts'
import { EXIT, type Problem } from '../exit-codes.ts'
import { selectSubject } from '../explain/subject.ts'
import { onCluster } from '../on-cluster.ts'
import { writeResult } from '../output/format.ts'
import { progressOn } from '../output/progress.ts'
import { csrList } from '../stored/csr-list.ts'
import { dependsOnLook, opinionOn } from '../stored/opinion.ts'
import { jsonOf, type Replay, type Replayed, textOf } from './replay-result.ts'

export interface ReplayOptions extends ClusterOptions, FormatOptions {
  readonly policy: string
  readonly against?: string
}

type Replaying =
  | { readonly ok: true; readonly replay: Replay }
  | { readonly ok: false; readonly problem: Problem }

/** Judges the stored CSRs by two policies, and writes what changes. */
export async function replayPolicy(options: ReplayOptions, context: Context): Promise<void> {
  const after = await policyOfFile(options.policy)
  if (!after.ok) return await failWith(after.problem, context)
  await onCluster(options, context, async (session) => {
    const replayed = await replayIn(session, { after, against: options.against }, context)
    if (!replayed.ok) return await failWith(replayed.problem, context)
    const { replay } = replayed
    await writeResult(
      { json: jsonOf(replay), text: (output) => textOf(replay, output) },
      options.output,
      context.stdout,
    )
    context.finish(replay.csrs.some(({ changes }) => changes) ? EXIT.finding : EXIT.ok)
  })
}

interface Policies {
  readonly after: Policy
  readonly against: string | undefined
}

async function replayIn(
  session: Session,
  { after, against }: Policies,
  context: Context,
): Promise<Replaying> {
  const before = await policyFor(against, session)
  if (!before.ok) return before
  const listed = await readList(session, { ...csrList, select: selectSubject })
  if (!listed.ok) return listed
  const { cluster } = session
  await using judging = await judgingNow(session, { rules: before.rules })
  const progress = progressOn(context.stderr)
  try {
    const parts = { judging, clock: cluster.clock }
    const csrs: Replayed[] = []
    for (const subject of listed.items) {
      await progress.show(`judging CSR ${csrs.length + 1} of ${listed.items.length}`)
      const old = await opinionOn(subject, before.rules, parts)
      const now = await opinionOn(subject, after.rules, parts)
      csrs.push({ subject, before: old, after: now, changes: differ(old, now) })
    }
    const unreadable = listed.unreadable
    return { ok: true, replay: { before, after, csrs, unreadable, unknown: judging.problem() } }
  } finally {
    await progress.clear()
  }
}

function differ(old: Opinion, now: Opinion): boolean {
  // Who answers decides: that is told, and is no change.
  const isOpen = (opinion: Opinion): boolean => dependsOnLook(opinion) || opinion.action === 'approved'
  if (isOpen(old) && isOpen(now)) return false
  return old.action !== now.action || old.decision.reason !== now.decision.reason
}
