/** What is on its way between the replicas and the API server: the scheduler says what goes on next. */
import type { Scheduler } from 'fast-check'
import type { Owner, VirtualTime } from './virtual-time.ts'

/** What befalls a request. */
export const fates = ['lost', 'reset', 'answer lost', '503', '429', '404 in HTML'] as const
export type Fate = (typeof fates)[number]

/** What befalls the next request, or the next write of a replica. */
interface Planned {
  readonly owner: Owner
  readonly fate: Fate
  readonly isWrite: boolean
}

/** A line of a watch is no longer on its way; one that is lost never arrives. */
export const LAG_MS = 2_000

interface OnItsWay {
  readonly since: number
  readonly arrive: () => void
}

export class Network {
  readonly time: VirtualTime
  readonly #schedule: Scheduler
  readonly #planned: Planned[] = []
  readonly #lines = new Set<OnItsWay>()
  readonly #cuts = new Map<Owner, Set<(how: 'cut' | 'silent') => void>>()

  constructor(schedule: Scheduler, time: VirtualTime) {
    this.#schedule = schedule
    this.time = time
  }

  /** Resolves when it is its turn. */
  async turn(label: string): Promise<void> {
    await this.#schedule.schedule(Promise.resolve(), label)
  }

  /** As {@link turn}, for what only a replica that lives and runs would notice. */
  async turnOf(owner: Owner, label: string): Promise<void> {
    await this.turn(label)
    await this.awake(owner)
  }

  async awake(owner: Owner): Promise<void> {
    while (owner.isPaused || owner.isDead) await new Promise<void>((resolve) => this.#sleepers.add(resolve))
  }

  readonly #sleepers = new Set<() => void>()

  /** A replica goes on. */
  wake(): void {
    for (const resolve of this.#sleepers) resolve()
    this.#sleepers.clear()
  }

  plan(planned: Planned): void {
    this.#planned.push(planned)
  }

  clear(): void {
    this.#planned.length = 0
  }

  fateOf(owner: Owner, isWrite: boolean): Fate | null {
    const index = this.#planned.findIndex((one) => one.owner === owner && (isWrite || !one.isWrite))
    return index < 0 ? null : (this.#planned.splice(index, 1)[0]?.fate ?? null)
  }

  /** A line of a watch. It arrives in its turn, and soon. */
  line(label: string, arrive: () => void): void {
    const line = { since: this.time.now, arrive }
    this.#lines.add(line)
    void this.turn(label).then(() => this.#arrive(line))
  }

  /** Before the clock goes on: what has been on its way for too long arrives. */
  async hurry(now: number): Promise<void> {
    for (const line of this.#lines) {
      if (now - line.since <= LAG_MS) continue
      this.#arrive(line)
      await this.time.settle()
    }
  }

  #arrive(line: OnItsWay): void {
    if (this.#lines.delete(line)) line.arrive()
  }

  /** A stream of a replica is open until what is returned is called. */
  follow(owner: Owner, broken: (how: 'cut' | 'silent') => void): () => void {
    const streams = this.#cuts.get(owner) ?? new Set()
    this.#cuts.set(owner, streams.add(broken))
    return () => void streams.delete(broken)
  }

  /** What befalls all open streams of a replica. */
  break(owner: Owner, how: 'cut' | 'silent'): void {
    for (const broken of this.#cuts.get(owner) ?? []) broken(how)
  }
}
