import { setTimeout as sleep } from 'node:timers/promises'
import type { InstalledLedger } from '../../server/ledger/open-ledger.ts'
import type { ApproveOptions } from './options.ts'
import { installedLedger } from '../cluster/installed.ts'
import { lookingFrom } from '../cluster/looking.ts'
import { type Policy, policyFor, policyGiven } from '../cluster/policy.ts'
import { openSession, type Session } from '../cluster/session.ts'
import { failWith } from '../command.ts'
import type { Context } from '../context.ts'
import { EXIT, type Problem } from '../exit-codes.ts'
import { progressOn } from '../output/progress.ts'
import { dryRun } from './dry-run.ts'
import { Journey } from './journey.ts'

const TIMEOUT_MS = 600_000
/** Between two tries to reach an API server that is not up yet. */
const AGAIN_MS = 1_000

/** Approves until the nodes serve, and sets the exit code. */
export async function approve(options: ApproveOptions, context: Context): Promise<void> {
  const ending = endingOf(options, context)
  try {
    const given = await policyGiven(options.policy)
    if (given?.ok === false) return await failWith(given.problem, context)
    const ready = await untilReady({ options, given, signal: ending.signal }, context)
    if ('exitCode' in ready) return await failWith(whenEnded(ready, ending.signal), context)
    const { session, policy } = ready
    try {
      const ledger = await ledgerFor(session, context)
      const looking = options.dial ? await lookingFrom(context, session, policy) : null
      const parts = { session, policy, ledger, looking, options, context }
      if (options.dryRun) return await dryRun(parts)
      const journey = new Journey({ ...parts, signal: ending.signal })
      context.finish(await journey.run())
    } finally {
      await session.cluster.close()
    }
  } finally {
    ending.clear()
  }
}

/** Before the chart is installed there is none, and nobody may be permitted to look for it yet. */
async function ledgerFor(session: Session, { stderr }: Context): Promise<InstalledLedger> {
  const installed = await installedLedger(session)
  if (installed === null || !('notVisible' in installed)) return installed
  await stderr.write(`${installed.notVisible}. Stored CSRs alone show what was granted\n`)
  return null
}

/** Why the command ends before its condition is met. */
type Ending = 'interrupted' | 'timeout'

function endingOf({ timeout, watch }: ApproveOptions, { nextStop }: Context) {
  const controller = new AbortController()
  const end = (why: Ending) => controller.abort(why)
  const ms = timeout ?? (watch ? undefined : TIMEOUT_MS)
  const timer = ms === undefined ? undefined : setTimeout(() => end('timeout'), ms)
  void nextStop().then(() => end('interrupted'))
  return { signal: controller.signal, clear: () => clearTimeout(timer) }
}

function whenEnded(problem: Problem, { aborted, reason }: AbortSignal): Problem {
  return aborted && reason === 'interrupted' ? { ...problem, exitCode: EXIT.interrupted } : problem
}

interface Ready {
  readonly session: Session
  readonly policy: Policy
}

interface Awaiting {
  readonly options: ApproveOptions
  readonly given: Policy | null
  readonly signal: AbortSignal
}

/**
 * Waits for a kubeconfig, an API server and the permission to read, none of which may be there yet. A dry run does not wait: it
 * shows what is pending now.
 */
async function untilReady(
  { options, given, signal }: Awaiting,
  { env, stderr }: Context,
): Promise<Ready | Problem> {
  const progress = progressOn(stderr)
  for (;;) {
    const ready = await tryOnce(options, given, env)
    if ('session' in ready || !ready.mayHeal || options.dryRun || signal.aborted) {
      await progress.clear()
      return 'session' in ready ? ready : ready.problem
    }
    await progress.show(`waiting: ${ready.problem.message}`)
    await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined)
  }
}

interface Tried {
  readonly problem: Problem
  readonly mayHeal: boolean
}

async function tryOnce(
  options: ApproveOptions,
  given: Policy | null,
  env: Context['env'],
): Promise<Ready | Tried> {
  const opened = await openSession(options, env)
  if (!opened.ok) return opened
  const { session } = opened
  const policy = await policyFor(given, session)
  if (policy.ok) return { session, policy }
  await session.cluster.close()
  // Right after kubeadm init its own admin has no permissions for a moment.
  return { problem: policy.problem, mayHeal: policy.problem.exitCode === EXIT.notSeen }
}
