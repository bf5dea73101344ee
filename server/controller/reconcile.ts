import { rulesFor } from '../../policies/pools.ts'
import type { Rules } from '../../policies/rules.ts'
import type { CsrObject } from '../../policies/types.ts'
import { jittered } from '../kube/backoff.ts'
import type { FactCache } from '../facts/fact-cache.ts'
import { nodeUid } from '../facts/nodes.ts'
import { type PendingCsr, selectPending, type StoredCsr } from '../facts/stored-csr.ts'
import type { Action, Api, ApiAnswer, Clock, Judge, Judgement, Log, Store } from '../ports.ts'
import { approval, type Condition, denial, pathOf, writeCondition } from './act.ts'
import type { DenialLimiter } from './denial-limiter.ts'
import {
  DECIDED,
  DROPPED,
  mayBeApproved,
  type Plan,
  planFor,
  RECHECK_MS,
  type ReconcileResult,
  retryLater,
  retrySoon,
  type Write,
} from './plan.ts'

export interface ReconcileDependencies {
  /** All kubelet-serving CSRs, pending or approved. */
  readonly csrs: Store<StoredCsr>
  /** Those in the store of which a write has shown that they are out of date. */
  readonly outdated: WeakSet<PendingCsr>
  readonly judge: Judge
  readonly api: Api
  readonly clock: Clock
  readonly log: Log
  /** The policy in force. */
  readonly rules: () => Rules
  /** Whether the webhook is enabled. By default, stored violations are denied only then. */
  readonly webhookEnabled: boolean
  /** Called before each judgement and right before each write. */
  readonly isLeader: () => boolean
  readonly denials: DenialLimiter
  readonly facts: Pick<FactCache, 'noteApproval'>
  readonly stopped: AbortSignal
  /** Called with each judgement and the action taken. It reports a decision only once. */
  readonly report: (outcome: Outcome) => void
  /** The number of CSRs that were judged and are not known to be decided. */
  readonly undecided: () => number
  /** Called with each judgement: whether the CSR may still be approved. */
  readonly expect: (csr: CsrObject, approvable: boolean) => void
}

export interface Outcome {
  readonly judgement: Judgement
  readonly action: Action
  readonly durationMs: number
}

/** Judges a stored CSR from current facts, and writes the decision. Idempotent: it may run twice or late. */
export async function reconcile(name: string, dependencies: ReconcileDependencies): Promise<ReconcileResult> {
  const { csrs, outdated } = dependencies
  const stored = csrs.get(name)?.pending ?? null
  if (!mayAct(dependencies)) return DROPPED
  if (stored === null) return DECIDED
  const isUsable = stored.whole && !outdated.has(stored)
  const read = isUsable ? stored : await readPending(name, dependencies)
  return 'kind' in read ? read : await decide(read, dependencies)
}

function mayAct({ isLeader, stopped }: ReconcileDependencies): boolean {
  return isLeader() && !stopped.aborted
}

/** A CSR for which the store had no room, or that is out of date there. Or what to do when it is not pending any more. */
async function readPending(
  name: string,
  { api, log, stopped }: ReconcileDependencies,
): Promise<PendingCsr | ReconcileResult> {
  const answer = await api.call({ method: 'GET', path: pathOf(name), signal: stopped })
  if (answer.ok) return selectPending(answer.object) ?? DECIDED
  if (answer.status === 404) return DECIDED
  const { status, reason, message } = answer
  log.warn({ csr: name, status, reason, message }, 'a CSR could not be read')
  return afterFailure(answer)
}

async function decide(pending: PendingCsr, dependencies: ReconcileDependencies): Promise<ReconcileResult> {
  const { clock, judge, stopped, webhookEnabled } = dependencies
  const { csr, request } = pending
  const begun = clock.monotonic()
  // From the judgement to the write, by one snapshot of the policy.
  const rules = rulesFor(dependencies.rules(), csr.requester.username)
  const judgement = await judge({ purpose: 'approve', csr, caller: null, request, signal: stopped }, rules)
  const { decision } = judgement
  const report = (action: Action): void =>
    dependencies.report({ judgement, action, durationMs: clock.monotonic() - begun })
  const ageMs = clock.serverNow() - csr.createdAt
  const now = { settings: rules.settings, webhookEnabled, ageMs, undecided: dependencies.undecided() }
  dependencies.expect(csr, mayBeApproved(decision, now))
  const plan = withinLimit(planFor(decision, now), csr, dependencies.denials)
  if (plan.kind === 'approve' || plan.kind === 'deny')
    return await write(pending, { plan, judgement, rules, report }, dependencies)
  report('left')
  return plan
}

/** A denial for which there is no room now is left for later. */
function withinLimit(plan: Plan, { requester }: CsrObject, denials: DenialLimiter): Plan {
  if (plan.kind !== 'deny' || !plan.limited || denials.take(requester.username, plan.awaited)) return plan
  return { kind: 'recheck', afterMs: jittered(RECHECK_MS) }
}

interface Writing {
  readonly plan: Write
  readonly judgement: Judgement
  readonly rules: Rules
  readonly report: (action: Action) => void
}

async function write(
  pending: PendingCsr,
  { plan, judgement, rules, report }: Writing,
  dependencies: ReconcileDependencies,
): Promise<ReconcileResult> {
  const { decision, facts } = judgement
  const approves = plan.kind === 'approve'
  const condition: Condition = approves
    ? approval(pending.csr.requester.username, nodeUid(facts), decision.policyHash)
    : denial(decision)
  // Facts took their time, and another may lead by the moment at which it is sent.
  const answer = await writeCondition(dependencies.api, pending, condition, () => mayAct(dependencies))
  if (approves && mayBeWritten(answer)) dependencies.facts.noteApproval(facts, rules)
  if (!answer.ok) return afterRefusal(answer, pending, dependencies)
  report(approves ? 'approved' : 'denied')
  return DECIDED
}

/** An answer that was lost, or a server's failure, leaves it open. */
function mayBeWritten(answer: ApiAnswer): boolean {
  return answer.ok || answer.status >= 500 || (answer.status === 0 && answer.reason !== 'Withheld')
}

type Refusal = Extract<ApiAnswer, { ok: false }>

function afterRefusal(
  answer: Refusal,
  pending: PendingCsr,
  { outdated, log }: ReconcileDependencies,
): ReconcileResult {
  const { status, reason, message } = answer
  if (status === 404) return DECIDED
  if (reason === 'Withheld') return DROPPED
  // It has changed, is another by now, or has a condition that excludes ours.
  if (status === 409 || status === 422) {
    outdated.add(pending)
    return retrySoon()
  }
  const { csr } = pending
  log.warn({ csr: csr.name, uid: csr.uid, status, reason, message }, 'a decision could not be written')
  return afterFailure(answer)
}

/** An outage or a busy server is temporary. Any other failure needs a person. */
function afterFailure({ status, retryAfterMs }: Refusal): ReconcileResult {
  const passes = status === 0 || status === 429 || status >= 500
  return passes ? retrySoon(retryAfterMs ?? 0) : retryLater(retryAfterMs ?? 0)
}
