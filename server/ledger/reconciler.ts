import { defaultLimits, type Limits } from '../../policies/limits.ts'
import { nodeName } from '../../policies/node-name.ts'
import type { Rules } from '../../policies/rules.ts'
import type { Facts, NodeFacts } from '../../policies/types.ts'
import { claimsOf, keyClaim } from '../facts/claims.ts'
import { nodeUid } from '../facts/nodes.ts'
import type { StoredCsr } from '../facts/stored-csr.ts'
import { forEachInTurns } from '../in-turns.ts'
import type { Api, Clock, LedgerWrite, Log, Store } from '../ports.ts'
import { grantOf, seenIn } from './approval.ts'
import { noted, takeIn } from './intake.ts'
import type { Ledger } from './ledger.ts'
import { addApproval, pruned } from './record.ts'
import { applyReleases, type TellReleased } from './release.ts'
import type { LedgerPlace } from './shard.ts'
import { writeShard } from './writer.ts'

interface ReconcilerDependencies {
  readonly ledger: Ledger
  /** Null: nothing is written. */
  readonly place: LedgerPlace | null
  readonly nodes: Store<NodeFacts>
  readonly csrs: Store<StoredCsr>
  readonly rules: () => Rules
  readonly api: Api
  readonly clock: Clock
  readonly log: Log
  readonly isLeader: () => boolean
  /** False where every node is in mode dryRun: nothing is written. */
  readonly mayWrite: () => boolean
  /** Whether the lists are being followed: nothing is concluded from one that is not whole. */
  readonly isInformed: () => boolean
  /** While decisions need the API server's time more, writes wait, {@link HELD_MAX_MS} at most. */
  readonly busy: () => boolean
  readonly wrote: (result: LedgerWrite) => void
  readonly tellReleased: TellReleased
  readonly limits?: Limits
}

/** One write in each. 16 shards are written within 8 s. */
const TICK_MS = 500
const HELD_MAX_MS = 10_000
/** Corrects what an event that was missed would have told, and forgets what has expired. */
const SWEEP_MS = 600_000
const AFTER_FAILURE_MS = 5_000

/** Keeps the ledger: takes in approvals and what Nodes report, and writes what has changed while this replica leads. */
export class LedgerReconciler {
  readonly #dependencies: ReconcilerDependencies & { readonly limits: Limits }
  readonly #ticking: NodeJS.Timeout
  readonly #nodes = new Set<string>()
  readonly #csrs = new Set<string>()
  /** By shard: when it may be written again after a failure. */
  readonly #notBefore = new Map<number, number>()
  #sweptAt = -Infinity
  #dirtySince = Infinity
  #working: Promise<void> | undefined

  constructor(dependencies: ReconcilerDependencies) {
    this.#dependencies = { ...dependencies, limits: dependencies.limits ?? defaultLimits }
    dependencies.nodes.subscribe(({ key }) => void this.#nodes.add(key))
    dependencies.csrs.subscribe(({ key, after }) => {
      if (after !== undefined && after.approvedAt !== null) this.#csrs.add(key)
    })
    dependencies.ledger.onRead(() => this.#sweepSoon())
    this.#ticking = setInterval(() => this.#tick(), TICK_MS)
  }

  /** This process approved a CSR, or may have. */
  noteApproval(facts: Facts, rules: Rules): void {
    const { csr, request, cluster, now } = facts
    const node = nodeName(csr.requester.username)
    const uid = nodeUid(facts)
    if (node === undefined || uid === undefined || !request.readable || cluster === null) return
    const { ledger } = this.#dependencies
    const approval = {
      node,
      uid,
      grant: grantOf(csr, keyClaim(request).slice('key:'.length), now),
      claims: claimsOf(request),
      seen: seenIn({ ...facts, request, cluster }, rules),
    }
    ledger.put(addApproval(ledger.of(uid), approval, this.#dependencies.limits))
  }

  /** Writes what is not written yet: what was seen at the dials of the last approvals is known to nobody else. */
  async stop(): Promise<void> {
    clearInterval(this.#ticking)
    await this.#working
    const { isLeader, ledger } = this.#dependencies
    if (isLeader() && ledger.isRead())
      await Promise.all(this.#unwritten().map((index) => this.#writeShard(index)))
  }

  #sweepSoon(): void {
    this.#sweptAt = -Infinity
  }

  #tick(): void {
    void this.turn()
  }

  /** One turn: takes in what has changed, and writes one shard. */
  async turn(): Promise<void> {
    const { isLeader, isInformed, ledger } = this.#dependencies
    if (!isLeader()) {
      // Whoever leads next looks at everything.
      this.#sweepSoon()
      this.#nodes.clear()
      this.#csrs.clear()
      ledger.follow()
      return
    }
    if (this.#working !== undefined || !isInformed() || !ledger.isRead()) return
    this.#working = this.#work()
      .catch((error: unknown) =>
        this.#dependencies.log.error({ err: error }, 'keeping the ledger failed unexpectedly'),
      )
      .finally(() => {
        this.#working = undefined
      })
    await this.#working
  }

  async #work(): Promise<void> {
    if (this.#dependencies.clock.monotonic() - this.#sweptAt >= SWEEP_MS) await this.#sweep()
    this.#takeIn()
    applyReleases(this.#dependencies)
    await this.#write()
  }

  async #sweep(): Promise<void> {
    const { clock, csrs, ledger } = this.#dependencies
    this.#sweptAt = clock.monotonic()
    const approved = [...csrs.values()].filter(({ approvedAt }) => approvedAt !== null)
    await forEachInTurns(approved.toSorted(byApproval), (csr) => takeIn(csr, this.#dependencies))
    await forEachInTurns([...ledger.all()], (grants) => {
      const kept = pruned(grants, clock.serverNow(), this.#dependencies.limits)
      if (kept === undefined) ledger.remove(grants)
      else ledger.put(noted(kept, this.#dependencies))
    })
  }

  /** What has changed since the last turn. */
  #takeIn(): void {
    const { csrs, ledger } = this.#dependencies
    const approved = [...this.#csrs].flatMap((name) => csrs.get(name) ?? [])
    for (const csr of approved.toSorted(byApproval)) takeIn(csr, this.#dependencies)
    for (const name of this.#nodes)
      for (const grants of ledger.called(name)) ledger.put(noted(grants, this.#dependencies))
    this.#csrs.clear()
    this.#nodes.clear()
  }

  async #write(): Promise<void> {
    const { clock, busy } = this.#dependencies
    const now = clock.monotonic()
    // One that could not be written does not stop the next.
    const index = this.#unwritten().find((one) => now >= (this.#notBefore.get(one) ?? -Infinity))
    if (index === undefined) {
      this.#dirtySince = Infinity
      return
    }
    this.#dirtySince = Math.min(this.#dirtySince, now)
    if (busy() && now - this.#dirtySince < HELD_MAX_MS) return
    await this.#writeShard(index)
  }

  /** The shards that differ from what is stored, and may be written. */
  #unwritten(): number[] {
    const { ledger, place, mayWrite } = this.#dependencies
    if (place === null || !mayWrite()) return []
    return [...ledger.dirty()].filter((index) => mayOverwrite(ledger, index))
  }

  async #writeShard(index: number): Promise<void> {
    const { place, clock, wrote, isLeader, mayWrite } = this.#dependencies
    if (place === null) return
    const result = await writeShard(index, {
      ...this.#dependencies,
      place,
      now: () => clock.serverNow(),
      mayWrite: () => isLeader() && mayWrite(),
    })
    wrote(result)
    if (result === 'failed') this.#notBefore.set(index, clock.monotonic() + AFTER_FAILURE_MS)
  }
}

/** Not one of a newer version, and not one whose content this process has never known. */
function mayOverwrite(ledger: Ledger, index: number): boolean {
  const problem = ledger.problemOf(index)
  return problem === null || (problem.kind === 'garbled' && ledger.stateOf(index).wasWhole)
}

function byApproval(one: StoredCsr, two: StoredCsr): number {
  return (one.approvedAt ?? 0) - (two.approvedAt ?? 0)
}
