import { checks } from '../../policies/index.ts'
import { awaitingLook } from '../../policies/unlooked.ts'
import type { Decision } from '../../policies/types.ts'
import { csrList } from '../cluster/csr-list.ts'
import { judgingNow } from '../cluster/judging.ts'
import { type Policy, policyFor, policyGiven } from '../cluster/policy.ts'
import { type ListRead, readList } from '../cluster/read-list.ts'
import type { Session } from '../cluster/session.ts'
import { type ClusterOptions, failWith, type FormatOptions } from '../command.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { asPending, selectSubject, type Subject } from '../explain/subject.ts'
import { onCluster } from '../on-cluster.ts'
import { writeResult } from '../output/format.ts'
import { progressOn } from '../output/progress.ts'
import { type Fate, jsonOf, namesOf, type Replay, type Replayed, textOf } from './replay-result.ts'

export interface ReplayOptions extends ClusterOptions, FormatOptions {
  readonly policy?: string
}

/** Judges the stored CSRs by a policy, and writes those that were decided otherwise, by whoever decided them. */
export async function replayPolicy(options: ReplayOptions, context: Context): Promise<void> {
  const given = await policyGiven(options.policy)
  if (given?.ok === false) return await failWith(given.problem, context)
  await onCluster(options, context, async (session) => {
    const policy = await policyFor(given, session)
    if (!policy.ok) return await failWith(policy.problem, context)
    const listed = await readList(session, { ...csrList, select: selectSubject })
    if (!listed.ok) return await failWith(listed.problem, context)
    const replay = await replayIn(session, policy, listed, context)
    await writeResult(
      { json: jsonOf(replay), text: (output, wide) => textOf(replay, output, wide), names: namesOf(replay) },
      options.output,
      context.stdout,
    )
    const isFine = replay.csrs.every(({ fate }) => fate === 'same' || fate === 'dependsOnLook')
    context.finish(isFine ? EXIT.ok : EXIT.finding)
  })
}

async function replayIn(
  session: Session,
  policy: Policy,
  { items, unreadable }: Extract<ListRead<Subject>, { readonly ok: true }>,
  { stderr }: Context,
): Promise<Replay> {
  const { rules } = policy
  await using judging = await judgingNow(session, { rules })
  const progress = progressOn(stderr)
  const csrs: Replayed[] = []
  for (const subject of items) {
    await progress.show(`judging CSR ${csrs.length + 1} of ${items.length}`)
    const reading = asPending(subject, session.cluster.clock.serverNow())
    const { decision } = await judging.judge({ purpose: 'approve', ...reading, caller: null }, rules)
    csrs.push({ subject, decision, fate: fateOf(subject, decision) })
  }
  await progress.clear()
  return { policy, csrs, unreadable, unknown: judging.problem() }
}

/** What depends on the moment at which a CSR is judged, such as a newer one that waits, and not on what it asks for. */
const ofTheMoment: ReadonlySet<string> = new Set(
  checks.filter(({ stage }) => stage === 'timeliness').map(({ code }) => code),
)

function fateOf({ state }: Subject, decision: Decision): Fate {
  const { verdict, reason } = decision
  if (awaitingLook(decision).length > 0) return 'dependsOnLook'
  if (verdict === 'unknown') return 'unknown'
  if (verdict === 'ignore') return 'same'
  if (!['approved', 'issued', 'failed'].includes(state)) return verdict === 'approve' ? 'approved' : 'same'
  const conforms = verdict === 'approve' || (verdict === 'notYet' && ofTheMoment.has(reason))
  return conforms ? 'same' : 'refused'
}
