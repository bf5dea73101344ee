import { setTimeout as sleep } from 'node:timers/promises'
import type { NodeFacts } from '../../policies/types.ts'
import type { FactCache } from '../facts/fact-cache.ts'
import { nodeUid } from '../facts/nodes.ts'
import type { StoredCsr } from '../facts/stored-csr.ts'
import { forEachInTurns } from '../in-turns.ts'
import type { Change, Recorder, Report, Store } from '../ports.ts'
import type { Activity } from './activity.ts'
import { DenialLimiter } from './denial-limiter.ts'
import { establishedUsers } from './established.ts'
import { FreshnessGate } from './freshness-gate.ts'
import { CsrTracker } from './csr-tracker.ts'
import { Progress } from './progress.ts'
import { DECIDED, RECHECK_MS, type ReconcileResult } from './plan.ts'
import { FairQueue } from './queue.ts'
import { type Outcome, reconcile, type ReconcileDependencies } from './reconcile.ts'
import { yieldToEventLoop } from './yield-to-event-loop.ts'

type Shared = 'csrs' | 'judge' | 'api' | 'clock' | 'rules' | 'webhookEnabled' | 'isLeader' | 'log'

export interface ControllerDependencies extends Pick<ReconcileDependencies, Shared> {
  readonly nodes: Store<NodeFacts>
  /** Nothing is judged while it has a problem. */
  readonly facts: Pick<FactCache, 'problem' | 'refresh' | 'noteApproval'>
  readonly report: Report
  /** Whether the API server asked to wait. No CSR is started meanwhile. */
  readonly isPaused: () => boolean
  readonly recorder: Pick<Recorder, 'queue' | 'underway'>
  /** `begin` is called for each CSR that starts. */
  readonly activity: Pick<Activity, 'begin'>
  /** Maximum number of CSRs in progress. One that was not read counts as {@link UNREAD_WEIGHT}. */
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
/**
 * A CSR that the store had no room for is read before it is judged, and may have 1 MiB: 64 of them at once would not fit in the
 * image's memory. It counts as eight others.
 */
const UNREAD_WEIGHT = 8
/** How often leadership is checked. A new leader starts within this time. */
const TICK_MS = 500
/** Wait before judging all CSRs again, so that several changes in a row cause it once. */
const REJUDGE_AFTER_MS = 1_000
const STOP_WITHIN_MS = 5_000

/** Starts the controller: it approves and denies stored CSRs while this replica is the leader. */
export function startController(parts: ControllerDependencies): Controller {
  return new RunningController(parts)
}

class RunningController implements Controller {
  readonly #dependencies: ControllerDependencies
  readonly #reconcile: ReconcileDependencies
  readonly #queue: FairQueue
  readonly #tracker: CsrTracker
  readonly #stop = new AbortController()
  readonly #running = new Set<Promise<void>>()
  readonly #ticking: NodeJS.Timeout
  readonly #gate: FreshnessGate
  readonly #progress = new Progress(TICK_MS)
  readonly #mustYield = yieldToEventLoop(() => this.#pump())
  #rejudging: NodeJS.Timeout | undefined
  /** Of what runs. */
  #load = 0
  #led = false
  #sweptAt = -Infinity

  constructor(parts: ControllerDependencies) {
    this.#dependencies = parts
    const { clock, recorder } = parts
    const monotonic = () => clock.monotonic()
    const isEstablished = establishedUsers(parts)
    this.#tracker = new CsrTracker(monotonic)
    this.#queue = new FairQueue({ recorder, monotonic, isEstablished, wake: () => this.#pump() })
    this.#reconcile = {
      ...parts,
      outdated: new WeakSet(),
      denials: new DenialLimiter(monotonic, isEstablished),
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
    await forEachInTurns(this.#dependencies.csrs.values(), (stored) => {
      if (!this.#stop.signal.aborted && this.#tracker.isOpen(stored)) this.#enqueue(stored)
    })
  }

  isApprovable(csr: Pick<StoredCsr, 'name' | 'uid'>): boolean {
    return this.#dependencies.isLeader() && this.#tracker.isApprovable(csr)
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
      this.#dependencies.log.warn(fields, 'the signer refused an approved CSR')
    }
  }

  #nodeChanged(change: Change<NodeFacts>): void {
    if (this.#stop.signal.aborted) return
    for (const name of this.#tracker.touchedBy(change)) {
      const stored = this.#dependencies.csrs.get(name)
      if (stored !== undefined) this.#enqueue(stored)
    }
  }

  #tick(): void {
    const leads = this.#dependencies.isLeader()
    const now = this.#dependencies.clock.monotonic()
    if (leads && (!this.#led || now - this.#sweptAt > RECHECK_MS)) {
      this.#sweptAt = now
      void this.#sweep()
    }
    this.#led = leads
    this.#pump()
    const due = this.#queue.isReady() || this.#running.size > 0
    this.#progress.look(due && leads && this.#dependencies.facts.problem() === null)
  }

  /** Queues every CSR that the watch, the queue's bounds or a change of leader skipped, and forgets those that are gone. */
  async #sweep(): Promise<void> {
    await forEachInTurns(this.#dependencies.csrs.values(), (stored) => {
      if (this.#stop.signal.aborted || stored.pending === null || !this.#tracker.isDue(stored)) return
      this.#queue.offer(stored.name, stored.username)
    })
    await forEachInTurns(this.#tracker.names(), (name) => {
      if (!this.#dependencies.csrs.get(name)?.pending) this.#tracker.forget(name)
    })
  }

  #enqueue({ name, username, pending }: StoredCsr): void {
    if (pending !== null) this.#queue.add(name, username)
  }

  #pump(): void {
    const { concurrency = CONCURRENCY, isPaused } = this.#dependencies
    while (this.#queue.isReady() && this.#load < concurrency && !isPaused()) {
      if (this.#gate.isShut() || this.#mustYield()) return
      const name = this.#stop.signal.aborted ? undefined : this.#queue.take()
      if (name === undefined) return
      this.#start(name)
    }
  }

  #start(name: string): void {
    const { activity, csrs } = this.#dependencies
    const weight = csrs.get(name)?.pending?.whole === false ? UNREAD_WEIGHT : 1
    activity.begin()
    this.#load += weight
    const work = this.#work(name).finally(() => {
      this.#running.delete(work)
      this.#load -= weight
      this.#progress.made()
      this.#pump()
    })
    this.#running.add(work)
  }

  async #work(name: string): Promise<void> {
    const stored = this.#dependencies.csrs.get(name)
    const result = stored === undefined || this.#tracker.isOpen(stored) ? await this.#guarded(name) : DECIDED
    if (result.kind === 'waits' && stored !== undefined) this.#tracker.wait(stored)
    if (result.kind === 'decided' && stored !== undefined) this.#tracker.decide(stored)
    this.#queue.done(name, result)
  }

  /** Catches exceptions, which are bugs, so that other CSRs are not affected. */
  async #guarded(name: string): Promise<ReconcileResult> {
    try {
      return await reconcile(name, this.#reconcile)
    } catch (error) {
      this.#dependencies.log.error({ csr: name, err: error }, 'reconciling a CSR failed unexpectedly')
      return { kind: 'retry', longestMs: RECHECK_MS }
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
    this.#dependencies.report(uid === undefined ? record : { ...record, nodeUid: uid })
  }
}
