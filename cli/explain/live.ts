import { explainWith } from '../../server/explain.ts'
import { judgingNow } from '../cluster/judging.ts'
import { lookingFrom } from '../cluster/looking.ts'
import { type Policy, policyFor, policyGiven } from '../cluster/policy.ts'
import { openSession, type Session } from '../cluster/session.ts'
import type { Context } from '../context.ts'
import type { ExplainOptions } from './options.ts'
import type { Named } from './named.ts'
import { type Explaining, misused } from './result.ts'
import { readSubject } from './read-subject.ts'
import { asPending } from './subject.ts'

/** Explains a CSR of the cluster, by what the cluster is now. */
export async function explainLive(
  named: Named,
  options: ExplainOptions,
  context: Context,
): Promise<Explaining> {
  if (options.nodeFile !== undefined)
    return misused('--node-file is for a file: the Node of a stored CSR is read from the cluster')
  const given = await policyGiven(options.policy)
  if (given?.ok === false) return given
  const opened = await openSession(options, context.env)
  if (!opened.ok) return opened
  try {
    return await explainIn({ session: opened.session, context, given }, named, options)
  } finally {
    await opened.session.cluster.close()
  }
}

interface Surroundings {
  readonly session: Session
  readonly context: Context
  /** Null: the policy of the cluster. */
  readonly given: Policy | null
}

async function explainIn(
  { session, context, given }: Surroundings,
  named: Named,
  { output, dial }: ExplainOptions,
): Promise<Explaining> {
  const { cluster } = session
  const policy = await policyFor(given, session)
  if (!policy.ok) return policy
  const read = await readSubject(session, named)
  if (!read.ok) return read
  const { subject } = read
  const { rules } = policy
  const { clock } = cluster
  const looking = dial ? await lookingFrom(context, session, policy) : null
  await using judging = await judgingNow(session, { rules, looking })
  const reading = asPending(subject, clock.serverNow())
  const explanation = await explainWith(judging, reading, { rules, clock, everyStage: output === 'wide' })
  return { ok: true, explained: { subject, policy, explanation, looking, alone: false } }
}
