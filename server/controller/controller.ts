import { setTimeout as sleep } from 'node:timers/promises'
import type { Settings } from '../../policies/settings.ts'
import type { NodeFacts } from '../../policies/types.ts'
import { isWaiting, type StoredCsr } from '../facts/stored-csr.ts'
import type { Api, Change, Clock, Instruments, Judge, Log, Report, Store } from '../ports.ts'
import type { Activity } from './activity.ts'
import { DenialCap } from './denial-cap.ts'
import { Memory } from './memory.ts'
import { FairQueue, type Next } from './queue.ts'
import { DECIDED, nodeUid, type Outcome, RECHECK_MS, reconcile, type ReconcileParts } from './reconcile.ts'

export interface ControllerParts {
  /** All kubelet-serving CSRs, pending or approved. */
  readonly csrs: Store<StoredCsr>
  readonly nodes: Store<NodeFacts>
  readonly judge: Judge
  readonly api: Api
  readonly clock: Clock
  readonly report: Report
  readonly settings: () => Pick<Settings, 'mode' | 'denyStored' | 'patienceSeconds'>
  /** Whether the webhook is enabled. By default, stored violations are denied only then. */
  readonly webhookEnabled: boolean
  /** Called before each judgement and right before each write. */
  readonly isLeader: () => boolean
  readonly instruments: Pick<Instruments, 'queue' | 'underway'>
  readonly log: Log
  /** `begin` is called for each CSR that starts. */
  readonly activity: Pick<Activity, 'begin'>
  /** Maximum number of CSRs in progress. */
  readonly concurrency?: number
}

export interface Controller {
  /** Judges all pending CSRs again, after the policy or the reservations changed. */
  rejudge(): void
  /** Starts no new work, and waits at most 5 s for the work in progress. */
  stop(): Promise<void>
}

/** Measured by `npx node test/lab/bench.ts burst`: 32 in flight reach two thirds of the API server's limit, 64 three quarters. */
const CONCURRENCY = 64
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
  readonly #memory: Memory
  readonly #stop = new AbortController()
  readonly #running = new Set<Promise<void>>()
  readonly #ticking: NodeJS.Timeout
  #rejudging: NodeJS.Timeout | undefined
  #led = false
  #sweptAt = -Infinity
  #pausedUntil = -Infinity

  constructor(parts: ControllerParts) {
    this.#parts = parts
    this.#memory = new Memory(() => parts.clock.monotonic())
    this.#queue = new FairQueue({
      instruments: parts.instruments,
      monotonic: () => parts.clock.monotonic(),
      wake: () => this.#pump(),
    })
    this.#reconcile = {
      ...parts,
      cap: new DenialCap(() => parts.clock.monotonic()),
      stopped: this.#stop.signal,
      report: (outcome) => this.#report(outcome),
    }
    parts.csrs.subscribe((change) => this.#csrChanged(change))
    parts.nodes.subscribe((change) => this.#nodeChanged(change))
    this.#ticking = setInterval(() => this.#tick(), TICK_MS)
    this.#tick()
  }

  rejudge(): void {
    if (this.#stop.signal.aborted) return
    this.#rejudging ??= setTimeout(() => {
      this.#rejudging = undefined
      this.#memory.wake()
      for (const { csr } of this.#parts.csrs.values()) {
        if (this.#memory.isOpen(csr)) this.#queue.add(csr.name, csr.requester.username)
      }
    }, REJUDGE_AFTER_MS)
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
    this.#memory.change(key)
    if (after !== undefined && isWaiting(after.csr)) return this.#queue.add(key, after.csr.requester.username)
    this.#memory.forget(key)
    if (before?.failure === null && after?.failure) {
      const { csr, failure } = after
      const fields = { csr: csr.name, uid: csr.uid, username: csr.requester.username, ...failure }
      this.#parts.log.warn(fields, 'the signer refused an approved CSR')
    }
  }

  #nodeChanged(change: Change<NodeFacts>): void {
    if (this.#stop.signal.aborted) return
    for (const name of this.#memory.touchedBy(change)) {
      const stored = this.#parts.csrs.get(name)
      if (stored !== undefined) this.#queue.add(name, stored.csr.requester.username)
    }
  }

  #tick(): void {
    const leads = this.#parts.isLeader()
    const now = this.#parts.clock.monotonic()
    if (leads && (!this.#led || now - this.#sweptAt > RECHECK_MS)) this.#sweep(now)
    this.#led = leads
    this.#pump()
  }

  /** Queues every CSR that the watch, the queue's bounds or a change of leader skipped, and forgets those that are gone. */
  #sweep(now: number): void {
    this.#sweptAt = now
    for (const { csr } of this.#parts.csrs.values()) {
      if (this.#memory.isDue(csr)) {
        this.#queue.offer(csr.name, csr.requester.username)
      }
    }
    for (const name of this.#memory.names()) {
      const stored = this.#parts.csrs.get(name)
      if (stored === undefined || !isWaiting(stored.csr)) this.#memory.forget(name)
    }
  }

  #pump(): void {
    const { concurrency = CONCURRENCY, clock } = this.#parts
    while (this.#running.size < concurrency && clock.monotonic() >= this.#pausedUntil) {
      const name = this.#stop.signal.aborted ? undefined : this.#queue.take()
      if (name === undefined) return
      this.#parts.activity.begin()
      const work = this.#work(name).finally(() => {
        this.#running.delete(work)
        this.#pump()
      })
      this.#running.add(work)
    }
  }

  async #work(name: string): Promise<void> {
    const csr = this.#parts.csrs.get(name)?.csr
    const next = csr === undefined || this.#memory.isOpen(csr) ? await this.#guarded(name) : DECIDED
    if (next.next === 'waits' && csr !== undefined) this.#memory.wait(csr)
    if (next.next === 'decided' && csr !== undefined) this.#memory.decide(csr)
    // Retry-After pauses all CSRs, not only this one, but for at most RECHECK_MS.
    const askedMs = next.next === 'retry' ? Math.min(next.atLeastMs ?? 0, RECHECK_MS) : 0
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#parts.clock.monotonic() + askedMs)
    this.#queue.done(name, next)
  }

  /** Catches exceptions, which are bugs, so that other CSRs are not affected. */
  async #guarded(name: string): Promise<Next> {
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
    if (action === 'left' && decision.verdict !== 'ignore') this.#memory.leave(csr, facts.request)
    if (!this.#memory.isNews({ csr, decision, action })) return
    const uid = nodeUid(facts)
    this.#parts.report({
      component: 'controller',
      csr,
      decision,
      action,
      durationMs,
      ...(uid !== undefined && { nodeUid: uid }),
    })
  }
}
