import { oneLine } from '../../policies/text.ts'
import { policyFor } from '../cluster/policy.ts'
import type { Session } from '../cluster/session.ts'
import { type ClusterOptions, failWith, type FormatOptions } from '../command.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { onCluster } from '../on-cluster.ts'
import { writeResult } from '../output/format.ts'
import { styled } from '../output/style.ts'
import type { Disagreement } from './comparison.ts'
import { type Followed, follow } from './follow.ts'

export interface ShadowOptions extends ClusterOptions, FormatOptions {
  /** Milliseconds. */
  readonly for?: number
  readonly policy?: string
}

/** Follows until the time is over or a signal comes. Found nothing, known everything: exit code 0. */
export async function shadow(options: ShadowOptions, context: Context): Promise<void> {
  await onCluster(options, context, (session) => shadowIn(session, options, context))
}

async function shadowIn(session: Session, options: ShadowOptions, context: Context): Promise<void> {
  const policy = await policyFor(options.policy, session)
  if (!policy.ok) return await failWith(policy.problem, context)
  const disagreements: Disagreement[] = []
  const ending = new AbortController()
  const timer = setTimeout(() => ending.abort(), options.for ?? FOREVER_MS)
  void context.nextStop().then(() => ending.abort())
  const { rules, source } = policy
  const followed = await follow({
    session,
    rules,
    signal: ending.signal,
    async found(disagreement) {
      disagreements.push(disagreement)
      if (options.output === 'table') await context.stdout.write(lineOf(disagreement, context))
    },
  })
  clearTimeout(timer)
  const json = { policy: { source, hash: rules.hash }, ...followed, disagreements }
  await writeResult({ json, text: () => summaryOf(disagreements, followed) }, options.output, context.stdout)
  context.finish(disagreements.length > 0 || followed.unknown > 0 ? EXIT.finding : EXIT.ok)
}

/** The longest time that a timer takes, 24 days. */
const FOREVER_MS = 2 ** 31 - 1
const MESSAGE_MAX = 1_024

function lineOf({ csr, username, state, verdict, message }: Disagreement, { stdout }: Context): string {
  const what =
    verdict === 'approve'
      ? styled('would approve', 'warning', stdout)
      : styled('would refuse ', 'bad', stdout)
  return `${what}  ${oneLine(csr, 260)}  ${oneLine(username, 260)}  ${state}  ${oneLine(message, MESSAGE_MAX)}\n`
}

function summaryOf(disagreements: readonly Disagreement[], followed: Followed): string {
  const { compared, dependOnLook, unknown, because } = followed
  const refused = disagreements.filter(({ verdict }) => verdict !== 'approve')
  const reasons = Map.groupBy(refused, ({ reason }) => reason)
  const counted = [...reasons].map(([reason, { length }]) => `${length} ${reason}`).join(', ')
  const lines = [
    `${compared} CSRs compared`,
    `  approved there, refused here: ${refused.length}${counted === '' ? '' : ` (${counted})`}`,
    `  not approved there, approved here: ${disagreements.length - refused.length}`,
    ...(dependOnLook === 0 ? [] : [`  would depend on who answers at their addresses: ${dependOnLook}`]),
    ...(unknown === 0
      ? []
      : [`${unknown} could not be judged: ${oneLine(because ?? 'the cluster was not known', MESSAGE_MAX)}`]),
  ]
  return `${lines.join('\n')}\n`
}
