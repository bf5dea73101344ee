import { defaultLimits, type ProbeLimits } from '../../policies/limits.ts'
import type { Address, ProbeResult, Sight } from '../../policies/types.ts'

interface Entry {
  readonly sight: Sight
  readonly seenAt: number
  /** When it first showed the same, of those times that follow each other closely. */
  readonly since: number
}

/** A decision is made from a picture of the Nodes that is as old. */
const ANSWER_MS = 5_000
/** Shorter, since a kubelet that starts is to be seen at once. */
const NOTHING_MS = 2_000
/** Whoever has just had an address dialled reads a result that is about to be due. */
const GRACE_MS = 1_000

/** What was last seen at each address. Times are monotonic milliseconds. */
export class Results {
  /** The last dialled stands last. */
  readonly #entries = new Map<Address, Entry>()
  readonly #limits: ProbeLimits

  constructor(limits: ProbeLimits = defaultLimits.probe) {
    this.#limits = limits
  }

  note(address: Address, sight: Sight, now: number): void {
    const before = this.#entries.get(address)
    const { gapMs, resultsMax } = this.#limits
    const isStill = before !== undefined && isSame(before.sight, sight) && now - before.seenAt <= gapMs
    this.#entries.delete(address)
    this.#entries.set(address, {
      sight,
      seenAt: now,
      since: isStill ? before.since : now,
    })
    const oldest = this.#entries.keys().next()
    if (this.#entries.size > resultsMax && oldest.done === false) this.#entries.delete(oldest.value)
  }

  /** Whether it must be dialled to have a recent result. */
  isDue(address: Address, now: number): boolean {
    const entry = this.#entries.get(address)
    return entry === undefined || now - entry.seenAt > lifetimeMs(entry.sight)
  }

  /** The recent result. */
  get(address: Address, now: number): ProbeResult | undefined {
    const entry = this.#entries.get(address)
    if (entry === undefined || now - entry.seenAt > lifetimeMs(entry.sight) + GRACE_MS) return undefined
    return { ...entry.sight, forMs: entry.seenAt - entry.since }
  }
}

function isSame(one: Sight, other: Sight): boolean {
  return one.kind === other.kind && keyIn(one) === keyIn(other)
}

function keyIn(sight: Sight): string | null {
  return sight.kind === 'certificate' ? sight.spkiSha256 : null
}

function lifetimeMs({ kind }: Sight): number {
  return kind === 'nothing' ? NOTHING_MS : ANSWER_MS
}
