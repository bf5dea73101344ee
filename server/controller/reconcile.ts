import { isDecided } from '../../policies/evaluate.ts'
import type { Settings } from '../../policies/settings.ts'
import type { CsrObject, Facts } from '../../policies/types.ts'
import { jittered } from '../backoff.ts'
import { selectCsr, type StoredCsr } from '../facts/stored-csr.ts'
import type { Action, Api, ApiAnswer, Clock, Judge, Judgement, Log, Store } from '../ports.ts'
import { approval, type Condition, denial, pathOf, writeCondition } from './act.ts'
import type { DenialCap } from './denial-cap.ts'
import { type Plan, planFor } from './plan.ts'
import type { Next } from './queue.ts'

export interface ReconcileParts {
  readonly csrs: Store<StoredCsr>
  readonly judge: Judge
  readonly api: Api
  readonly clock: Clock
  readonly log: Log
  readonly settings: () => Pick<Settings, 'mode' | 'denyStored' | 'patienceSeconds'>
  readonly webhookEnabled: boolean
  readonly isLeader: () => boolean
  readonly cap: DenialCap
  readonly stopped: AbortSignal
  /** Told of each judgement and of what was done; tells the world only what it has not told yet. */
  readonly tell: (outcome: Outcome) => void
}

export interface Outcome {
  readonly judgement: Judgement
  readonly action: Action
  readonly durationMs: number
}

/** A CSR that is not settled is judged again this often: every fact it was judged by may have changed unseen. */
export const RECHECK_MS = 10_000
/** While facts cannot be learnt or nothing can be written: what waited out an outage is decided soon after it. */
const OUTAGE_MAX_MS = 5_000
/** A bug, or an answer that no retry heals by itself, such as a permission that is missing. */
const FAULT_MAX_MS = 300_000

const SETTLED: Next = { next: 'settled' }
export const DECIDED: Next = { next: 'decided' }
const DROPPED: Next = { next: 'dropped' }
/** A conflict of the conflict's own re-reading: another writer is busy with it. */
const CONTESTED: Next = { next: 'retry', longestMs: OUTAGE_MAX_MS }

/** Judges a stored CSR from fresh facts, and writes what follows. Idempotent: it may run twice, or on old news. */
export async function reconcile(name: string, parts: ReconcileParts): Promise<Next> {
  const watched = parts.csrs.get(name)
  if (!mayAct(parts)) return DROPPED
  if (watched === undefined || !isWaiting(watched.csr)) return DECIDED
  if (watched.raw !== null) {
    const next = await settle(watched, parts)
    if (next !== 'conflict') return next
  }
  const fresh = await readFresh(name, parts)
  if ('next' in fresh) return fresh
  const next = await settle(fresh, parts)
  return next === 'conflict' ? CONTESTED : next
}

function mayAct({ isLeader, stopped }: ReconcileParts): boolean {
  return isLeader() && !stopped.aborted
}

/** Whether someone has yet to decide. */
export function isWaiting(csr: CsrObject): boolean {
  return !csr.issued && !isDecided(csr)
}

async function settle(stored: StoredCsr, parts: ReconcileParts): Promise<Next | 'conflict'> {
  const { clock, judge, stopped } = parts
  const begun = clock.monotonic()
  const { csr, request } = stored
  const judgement = await judge({ component: 'controller', csr, caller: null, request, signal: stopped })
  const circumstances = {
    settings: parts.settings(),
    webhookEnabled: parts.webhookEnabled,
    ageMs: clock.serverNow() - csr.createdAt,
  }
  const plan = planFor(judgement.decision, circumstances)
  const tell = (action: Action): void =>
    parts.tell({ judgement, action, durationMs: clock.monotonic() - begun })
  if (plan.do === 'leave') {
    tell('left')
    return leave(plan, circumstances)
  }
  if (plan.do === 'deny' && plan.capped && !parts.cap.take(csr.requester.username, plan.awaited)) {
    tell('left')
    return { next: 'again', afterMs: jittered(RECHECK_MS) }
  }
  return await write(stored, { plan, judgement, tell }, parts)
}

/** Looks again no later than the moment at which patience ends. */
function leave(
  { until }: Extract<Plan, { do: 'leave' }>,
  { ageMs, settings }: { readonly ageMs: number; readonly settings: Pick<Settings, 'patienceSeconds'> },
): Next {
  if (until === 'changed') return SETTLED
  if (until !== 'rechecked')
    return { next: 'retry', longestMs: until === 'known' ? OUTAGE_MAX_MS : FAULT_MAX_MS }
  const patienceLeftMs = settings.patienceSeconds * 1_000 - ageMs
  const recheckMs = jittered(RECHECK_MS)
  return { next: 'again', afterMs: patienceLeftMs > 0 ? Math.min(recheckMs, patienceLeftMs + 50) : recheckMs }
}

interface Writing {
  readonly plan: Exclude<Plan, { do: 'leave' }>
  readonly judgement: Judgement
  readonly tell: (action: Action) => void
}

async function write(
  stored: StoredCsr,
  { plan, judgement, tell }: Writing,
  parts: ReconcileParts,
): Promise<Next | 'conflict'> {
  const { decision, facts } = judgement
  const condition: Condition =
    plan.do === 'approve'
      ? approval(stored.csr.requester.username, nodeUid(facts), decision.policyHash)
      : denial(decision)
  // Facts took their time, and another may lead by now; and again by the moment at which it is sent.
  if (stored.raw === null || !mayAct(parts)) return DROPPED
  const answer = await writeCondition(parts.api, stored.raw, condition, () => mayAct(parts))
  if (answer.ok) {
    tell(plan.do === 'approve' ? 'approved' : 'denied')
    return DECIDED
  }
  return refused(answer, stored.csr, parts)
}

function refused(
  answer: Extract<ApiAnswer, { ok: false }>,
  csr: CsrObject,
  { log }: ReconcileParts,
): Next | 'conflict' {
  // 422: it bears a condition by now that excludes ours, as the next reading shows.
  if (answer.status === 409 || answer.status === 422) return 'conflict'
  if (answer.status === 404) return DECIDED
  if (answer.reason === 'Withheld') return DROPPED
  const { status, reason, message, retryAfterMs } = answer
  const fields = { csr: csr.name, uid: csr.uid, status, reason, message }
  log.warn(fields, 'a decision could not be written')
  return afterFailure(answer, retryAfterMs)
}

/** An outage or a busy server passes; anything else waits for a person. */
function afterFailure({ status }: { readonly status: number }, retryAfterMs: number | null): Next {
  const passes = status === 0 || status === 429 || status >= 500
  return { next: 'retry', longestMs: passes ? OUTAGE_MAX_MS : FAULT_MAX_MS, atLeastMs: retryAfterMs ?? 0 }
}

/** The CSR as it is now, or what to do when that cannot be learnt or is nothing to judge. */
async function readFresh(name: string, { api, log, stopped }: ReconcileParts): Promise<StoredCsr | Next> {
  const answer = await api.request({ method: 'GET', path: pathOf(name), signal: stopped })
  if (answer.ok) {
    const stored = selectCsr(answer.object)
    if (stored === undefined || !isWaiting(stored.csr)) return DECIDED
    return { ...stored, raw: answer.object }
  }
  if (answer.status === 404) return DECIDED
  const { status, reason, message, retryAfterMs } = answer
  log.warn({ csr: name, status, reason, message }, 'a CSR could not be read')
  return afterFailure(answer, retryAfterMs)
}

export function nodeUid({ cluster }: Facts): string | undefined {
  return cluster?.node.known === true ? cluster.node.value?.uid : undefined
}
