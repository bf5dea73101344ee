import { setTimeout as sleep } from 'node:timers/promises'
import type { Rules } from '../../policies/rules.ts'
import type { NodeFacts } from '../../policies/types.ts'
import type { FactCache } from '../facts/fact-cache.ts'
import { nodeUid } from '../facts/nodes.ts'
import type { StoredCsr } from '../facts/stored-csr.ts'
import { forEachInTurns } from '../in-turns.ts'
import type { Api, Change, Clock, Recorder, Judge, Log, Report, Store } from '../ports.ts'
import type { Activity } from './activity.ts'
import { DenialLimiter } from './denial-limiter.ts'
import { establishedUsers } from './established.ts'
import { FreshnessGate } from './freshness-gate.ts'
import { CsrTracker } from './csr-tracker.ts'
import { Progress } from './progress.ts'
import { FairQueue, type ReconcileResult } from './queue.ts'
import { DECIDED, type Outcome, RECHECK_MS, reconcile, type ReconcileParts } from './reconcile.ts'
import { Slots } from './slots.ts'
import { yieldToEventLoop } from './yield-to-event-loop.ts'

export interface ControllerParts {
  /** All kubelet-serving CSRs, pending or approved. */
  readonly csrs: Store<StoredCsr>
  readonly nodes: Store<NodeFacts>
  readonly judge: Judge
  /** Nothing is judged while it has a problem. */
  readonly facts: Pick<FactCache, 'problem' | 'refresh' | 'noteApproval'>
  readonly api: Api
  readonly clock: Clock
  readonly report: Report
  /** The policy in force. */
  readonly rules: () => Rules
  /** Whether the webhook is enabled. By default, stored violations are denied only then. */
  readonly webhookEnabled: boolean
  /** Called before each judgement and right before each write. */
  readonly isLeader: () => boolean
  /** Whether the API server asked to wait. No CSR is started meanwhile. */
  readonly isPaused: () => boolean
  readonly recorder: Pick<Recorder, 'queue' | 'underway'>
  readonly log: Log
  /** `begin` is called for each CSR that starts. */
  readonly activity: Pick<Activity, 'begin'>
  /** Maximum number of CSRs in progress. */
  readonly concurrency?: number
}

export interface Controller {
  /** Judges all pending CSRs again, after the policy or the reservations changed. */
  rejudge(): void
  /** Whether this replica leads and may still approve a pending CSR. */
  isApprovable(csr: Pick<StoredCsr, 'name' | 'uid'>): boolean
  /** For liveness: that nothing gets done although nothing is missing, or null. */
  problem(): string | null
  /** Starts no new work, and waits at most 5 s for the work in progress. */
  stop(): Promise<void>
}

/** Measured by `npx node test/lab/bench.ts burst`: 32 in flight reach two thirds of the API server's limit, 64 three quarters. */
const CONCURRENCY = 64
/** A CSR that the store could not keep may have 1 MiB: 64 of them at once would not fit in the image's memory. */
const REREADS = 8
/** How often leadership is checked. A new leader starts within this time. */
const TICK_MS = 500
/** Wait before judging all CSRs again, so that several changes in a row cause it once. */
const REJUDGE_AFTER_MS = 1_000
const STOP_WITHIN_MS = 5_000

/** Starts the controller: it approves and denies stored CSRs while this replica is the leader. */
export function startController(parts: ControllerParts): Controller {
  return new RunningController(parts)
}

class RunningController implements Controller {
  readonly #parts: ControllerParts
  readonly #reconcile: ReconcileParts
  readonly #queue: FairQueue
  readonly #tracker: CsrTracker
  readonly #stop = new AbortController()
  readonly #running = new Set<Promise<void>>()
  readonly #ticking: NodeJS.Timeout
  readonly #gate: FreshnessGate
  readonly #progress = new Progress(TICK_MS)
  readonly #mustYield = yieldToEventLoop(() => this.#pump())
  #rejudging: NodeJS.Timeout | undefined
  #led = false
  #sweptAt = -Infinity

  constructor(parts: ControllerParts) {
    this.#parts = parts
    const { clock, recorder } = parts
    const monotonic = () => clock.monotonic()
    const isEstablished = establishedUsers(parts)
    this.#tracker = new CsrTracker(monotonic)
    this.#queue = new FairQueue({ recorder, monotonic, isEstablished, wake: () => this.#pump() })
    this.#reconcile = {
      ...parts,
      denials: new DenialLimiter(monotonic, isEstablished),
      rereads: new Slots(REREADS),
      stopped: this.#stop.signal,
      report: (outcome) => this.#report(outcome),
      expect: (csr, approvable) => this.#tracker.expect(csr, approvable),
      undecided: () => this.#tracker.size,
    }
    this.#gate = new FreshnessGate({ ...parts, stopped: this.#stop.signal }, () => this.#pump())
    parts.csrs.subscribe((change) => this.#csrChanged(change))
    parts.nodes.subscribe((change) => this.#nodeChanged(change))
    this.#ticking = setInterval(() => this.#tick(), TICK_MS)
    this.#tick()
  }

  rejudge(): void {
    if (this.#stop.signal.aborted) return
    this.#rejudging ??= setTimeout(() => {
      this.#rejudging = undefined
      void this.#judgeAllAgain()
    }, REJUDGE_AFTER_MS)
  }

  async #judgeAllAgain(): Promise<void> {
    this.#tracker.wake()
    await forEachInTurns(this.#parts.csrs.values(), (stored) => {
      if (!this.#stop.signal.aborted && this.#tracker.isOpen(stored)) this.#enqueue(stored)
    })
  }

  isApprovable(csr: Pick<StoredCsr, 'name' | 'uid'>): boolean {
    return this.#parts.isLeader() && this.#tracker.isApprovable(csr)
  }

  problem(): string | null {
    return this.#progress.problem()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    clearInterval(this.#ticking)
    clearTimeout(this.#rejudging)
    this.#queue.clear()
    await Promise.race([Promise.all(this.#running), sleep(STOP_WITHIN_MS, undefined, { ref: false })])
  }

  #csrChanged({ key, before, after }: Change<StoredCsr>): void {
    if (this.#stop.signal.aborted) return
    this.#tracker.change(key)
    if (after !== undefined && after.pending !== null) return this.#enqueue(after)
    this.#tracker.forget(key)
    if (before?.failure === null && after?.failure) {
      const { name, uid, username, failure } = after
      const fields = { csr: name, uid, username, ...failure }
      this.#parts.log.warn(fields, 'the signer refused an approved CSR')
    }
  }

  #nodeChanged(change: Change<NodeFacts>): void {
    if (this.#stop.signal.aborted) return
    for (const name of this.#tracker.touchedBy(change)) {
      const stored = this.#parts.csrs.get(name)
      if (stored !== undefined) this.#enqueue(stored)
    }
  }

  #tick(): void {
    const leads = this.#parts.isLeader()
    const now = this.#parts.clock.monotonic()
    if (leads && (!this.#led || now - this.#sweptAt > RECHECK_MS)) {
      this.#sweptAt = now
      void this.#sweep()
    }
    this.#led = leads
    this.#pump()
    const due = this.#queue.isReady() || this.#running.size > 0
    this.#progress.look(due && leads && this.#parts.facts.problem() === null)
  }

  /** Queues every CSR that the watch, the queue's bounds or a change of leader skipped, and forgets those that are gone. */
  async #sweep(): Promise<void> {
    await forEachInTurns(this.#parts.csrs.values(), (stored) => {
      if (this.#stop.signal.aborted || stored.pending === null || !this.#tracker.isDue(stored)) return
      this.#queue.offer(stored.name, stored.username)
    })
    await forEachInTurns(this.#tracker.names(), (name) => {
      if (!this.#parts.csrs.get(name)?.pending) this.#tracker.forget(name)
    })
  }

  #enqueue({ name, username, pending }: StoredCsr): void {
    if (pending !== null) this.#queue.add(name, username)
  }

  #pump(): void {
    const { concurrency = CONCURRENCY, isPaused } = this.#parts
    while (this.#queue.isReady() && this.#running.size < concurrency && !isPaused()) {
      if (this.#gate.isShut() || this.#mustYield()) return
      const name = this.#stop.signal.aborted ? undefined : this.#queue.take()
      if (name === undefined) return
      this.#parts.activity.begin()
      const work = this.#work(name).finally(() => {
        this.#running.delete(work)
        this.#progress.made()
        this.#pump()
      })
      this.#running.add(work)
    }
  }

  async #work(name: string): Promise<void> {
    const stored = this.#parts.csrs.get(name)
    const next = stored === undefined || this.#tracker.isOpen(stored) ? await this.#guarded(name) : DECIDED
    if (next.next === 'waits' && stored !== undefined) this.#tracker.wait(stored)
    if (next.next === 'decided' && stored !== undefined) this.#tracker.decide(stored)
    this.#queue.done(name, next)
  }

  /** Catches exceptions, which are bugs, so that other CSRs are not affected. */
  async #guarded(name: string): Promise<ReconcileResult> {
    try {
      return await reconcile(name, this.#reconcile)
    } catch (error) {
      this.#parts.log.error({ csr: name, err: error }, 'reconciling a CSR failed unexpectedly')
      return { next: 'retry', longestMs: RECHECK_MS }
    }
  }

  #report({ judgement, action, durationMs }: Outcome): void {
    const { decision, facts } = judgement
    const { csr } = facts
    if (action === 'left' && decision.verdict !== 'ignore') this.#tracker.leave(csr, facts.request)
    if (!this.#tracker.isNews({ csr, decision, action })) return
    const uid = nodeUid(facts)
    const { proof = [] } = judgement
    const record = { component: 'controller', csr, decision, action, durationMs, proof } as const
    this.#parts.report(uid === undefined ? record : { ...record, nodeUid: uid })
  }
}
