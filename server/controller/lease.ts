import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config.ts'
import type { Api, ApiAnswer, Clock, Recorder, JsonObject, Log } from '../ports.ts'
import { LeaseEligibility } from './lease-eligibility.ts'
import { type LeaseRecord, leaseBody, readLease } from './lease-record.ts'

export interface LeaseOptions {
  readonly namespace: string
  readonly name: string
  /** The name of this process. A random suffix is added, so that two processes on one host never both lead. */
  readonly identity: string
  readonly api: Api
  readonly clock: Clock
  readonly log: Log
  readonly recorder: Pick<Recorder, 'leader'>
  /**
   * Whether this replica could decide. One that cannot leaves the Lease to others, and gives it back after 30 s; it takes
   * the Lease all the same when nobody has held it for a minute.
   */
  readonly able?: () => boolean
  readonly onAcquired?: () => void
  readonly onLost?: () => void
  /** Only tests set this. */
  readonly times?: LeaseTimes
}

export interface LeaseTimes {
  /** How long a Lease that is not renewed still belongs to its holder. */
  readonly durationMs: number
  /** How long a holder that cannot renew still leads. Shorter than `durationMs`, so that two never lead at once. */
  readonly deadlineMs: number
  /** Time between renewals, and between attempts to take the Lease. */
  readonly retryMs: number
  /** How long a holder that cannot decide keeps the Lease, and how long nobody holds it before such a replica takes it. */
  readonly unableMs: number
}

interface Seen {
  readonly record: LeaseRecord
  readonly at: number
}

/** client-go's: leaderelection of k8s.io/client-go as kube-controller-manager sets it. */
const TIMES: LeaseTimes = { durationMs: 15_000, deadlineMs: 10_000, retryMs: 2_000, unableMs: 30_000 }

/**
 * Leader election with a coordination.k8s.io/v1 Lease. Times in the Lease are never compared with our clock: a Lease has
 * expired when it did not change for its duration, measured with our own monotonic clock.
 */
export class LeaderElection {
  readonly #options: LeaseOptions
  readonly #times: LeaseTimes
  readonly #identity: string
  readonly #stop = new AbortController()
  /** The Lease as last seen, and since when it has not changed. */
  #seen: Seen | undefined
  /** When the last successful renewal was sent, by two clocks. Null if this replica is not the leader. */
  #held: { readonly monotonic: number; readonly wall: number } | null = null
  #running: Promise<void> | undefined
  readonly #eligibility: LeaseEligibility

  constructor(options: LeaseOptions) {
    this.#options = options
    this.#times = options.times ?? TIMES
    this.#eligibility = new LeaseEligibility(options.able ?? (() => true), this.#times.unableMs)
    this.#identity = `${options.identity}_${randomUUID()}`
  }

  /** Whether this replica is the leader now. Turns false if renewals fail, or if the process was suspended. */
  isLeader(): boolean {
    if (this.#held === null || this.#stop.signal.aborted) return false
    // The monotonic clock stops while the machine is suspended, the wall clock does not.
    const passed = Math.max(this.#now() - this.#held.monotonic, Date.now() - this.#held.wall)
    return passed < this.#times.deadlineMs
  }

  start(): void {
    this.#options.recorder.leader(false)
    this.#running ??= this.#run()
  }

  /** Stops, and releases the Lease so that another replica can take it at once. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
    if (this.#held === null) return
    this.#held = null
    this.#options.recorder.leader(false)
    await this.#put('')
  }

  async #run(): Promise<void> {
    await this.#eligibility.untilAble(this.#times.retryMs, this.#stop.signal)
    while (!this.#stop.signal.aborted) {
      const sentAt = { monotonic: this.#now(), wall: Date.now() }
      this.#eligibility.note(sentAt.monotonic)
      const outcome = await this.#attempt()
      if (outcome === 'ours') this.#won(sentAt)
      else if (this.#held !== null && (outcome === 'theirs' || !this.isLeader())) this.#lost()
      await this.#pause()
    }
  }

  #won(sentAt: { readonly monotonic: number; readonly wall: number }): void {
    // The answer may be late, so the time at which the renewal was sent counts.
    const before = this.#held
    this.#held = sentAt
    if (before !== null) return
    this.#options.recorder.leader(true)
    this.#options.log.info(
      { lease: this.#options.name, identity: this.#identity },
      'this replica became the leader',
    )
    this.#options.onAcquired?.()
  }

  #lost(): void {
    this.#held = null
    this.#options.recorder.leader(false)
    this.#options.log.warn(
      { lease: this.#options.name, identity: this.#identity },
      'this replica is no longer the leader',
    )
    this.#options.onLost?.()
  }

  /** Tries once to take or renew the Lease. */
  async #attempt(): Promise<'ours' | 'theirs' | 'unclear'> {
    if (this.#held !== null && this.#eligibility.mustResign(this.#now())) return await this.#resign()
    if (this.#held !== null && (await this.#put(this.#identity))) return 'ours'
    // The renewal failed: another replica wrote the Lease, or it cannot be written at all.
    const answer = await this.#request('GET')
    if (!answer.ok) return await this.#withoutLease(answer)
    if (!this.#remember(answer.object)) return 'unclear'
    const vacant = this.#isVacant()
    if (!this.#eligibility.mayTake(vacant, this.#now())) return vacant ? 'unclear' : 'theirs'
    return (await this.#put(this.#identity)) ? 'ours' : 'unclear'
  }

  /** Another replica may be able to decide: it takes the Lease at its next try. */
  async #resign(): Promise<'theirs'> {
    this.#options.log.warn(
      { lease: this.#options.name },
      'this replica cannot decide and gives the Lease back',
    )
    await this.#put('')
    return 'theirs'
  }

  async #withoutLease(answer: Extract<ApiAnswer, { ok: false }>): Promise<'ours' | 'unclear'> {
    if (answer.status === 404 && this.#eligibility.mayTake(true, this.#now()))
      return (await this.#create()) ? 'ours' : 'unclear'
    if (answer.status === 404) return 'unclear'
    this.#complain(answer)
    return 'unclear'
  }

  /** Nobody holds the Lease, or its holder let it expire. */
  #isVacant(): boolean {
    if (this.#seen === undefined) return false
    const { holder } = this.#seen.record
    return holder === '' || holder === this.#identity || this.#now() > this.#endsAt(this.#seen)
  }

  /** When the Lease expires by our monotonic clock, unless it is renewed. */
  #endsAt({ record, at }: Seen): number {
    return at + Math.max(this.#times.durationMs, record.durationMs)
  }

  async #create(): Promise<boolean> {
    const { namespace, name } = this.#options
    const now = this.#options.clock.serverNow()
    const body = leaseBody(
      { namespace, name },
      { holder: this.#identity, durationMs: this.#times.durationMs, now, before: null },
    )
    return this.#took(await this.#request('POST', body))
  }

  /** Writes the Lease with the resourceVersion that was seen. Fails if another wrote in the meantime. */
  async #put(holder: string): Promise<boolean> {
    if (this.#seen === undefined) return false
    const { namespace, name } = this.#options
    const now = this.#options.clock.serverNow()
    // A released Lease also gets a short duration, for clients that check only that.
    const durationMs = holder === '' ? 1_000 : this.#times.durationMs
    const body = leaseBody({ namespace, name }, { holder, durationMs, now, before: this.#seen.record })
    return this.#took(await this.#request('PUT', body))
  }

  #took(answer: ApiAnswer): boolean {
    if (answer.ok) return this.#remember(answer.object)
    // 409 is expected: another replica wrote first.
    if (answer.status !== 409) this.#complain(answer)
    return false
  }

  #remember(object: JsonObject): boolean {
    const record = readLease(object)
    if (record === undefined) return false
    const same = this.#seen?.record.resourceVersion === record.resourceVersion
    if (!same) this.#seen = { record, at: this.#now() }
    return true
  }

  async #request(method: 'GET' | 'POST' | 'PUT', body?: JsonObject): Promise<ApiAnswer> {
    const { namespace, name, api } = this.#options
    const all = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`
    return await api.call({
      method,
      path: method === 'POST' ? all : `${all}/${name}`,
      timeoutMs: this.#times.deadlineMs / 2,
      urgent: true,
      ...(body !== undefined && { body }),
    })
  }

  #complain(answer: Extract<ApiAnswer, { ok: false }>): void {
    const { status, reason, message } = answer
    this.#options.log.warn(
      { lease: this.#options.name, status, reason, message },
      'the Lease could not be read or written',
    )
  }

  /** Waits for the next renewal, or until the other holder's Lease expires. */
  async #pause(): Promise<void> {
    const endsMs =
      this.#held === null && this.#seen !== undefined ? this.#endsAt(this.#seen) - this.#now() + 1 : Infinity
    const waitMs = endsMs > 0 ? Math.min(endsMs, this.#times.retryMs) : this.#times.retryMs
    // Stopped: the loop in #run ends.
    await sleep(waitMs, undefined, { signal: this.#stop.signal }).catch(() => undefined)
  }

  #now(): number {
    return this.#options.clock.monotonic()
  }
}

/** Starts leader election. Without it this process is always the leader. */
export function startElection(
  { namespace, leaderElection }: Pick<Config, 'namespace' | 'leaderElection'>,
  parts: Omit<LeaseOptions, 'namespace' | 'name'>,
): Pick<LeaderElection, 'isLeader' | 'stop'> {
  if (!leaderElection.leaderElect) {
    parts.recorder.leader(true)
    return { isLeader: () => true, stop: async () => undefined }
  }
  const election = new LeaderElection({ namespace, name: leaderElection.resourceName, ...parts })
  election.start()
  return election
}
