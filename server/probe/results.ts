import type { Address, ProbeResult } from '../../policies/types.ts'
import type { Sight } from './dial.ts'

interface Entry {
  readonly sight: Sight
  readonly seenAt: number
  /** When it was first seen silent, of those times that follow each other closely. */
  readonly silentSince: number
}

/** Every address of a cluster of 5,000 nodes with four each: 280 bytes each, 6 MB. */
const ENTRIES_MAX = 20_000
/** A decision is made from a picture of the Nodes that is as old. */
const ANSWER_MS = 5_000
/** Shorter, since a kubelet that starts is to be seen at once. */
const NOTHING_MS = 2_000
/** While no kubelet answers at all. */
const BLIND_MS = 10_000
/** Whoever has just had an address dialled reads a result that is about to be due. */
const GRACE_MS = 1_000
/** After a longer time without a look nobody knows that the address was silent in between. CSRs that wait have it dialled every 10 s. */
const GAP_MS = 300_000

/** What was last seen at each address. Times are monotonic milliseconds. */
export class Results {
  /** The last dialled stands last. */
  readonly #entries = new Map<Address, Entry>()

  note(address: Address, sight: Sight, now: number): void {
    const before = this.#entries.get(address)
    const stillSilent = before?.sight.saw === 'nothing' && now - before.seenAt <= GAP_MS
    this.#entries.delete(address)
    this.#entries.set(address, {
      sight,
      seenAt: now,
      silentSince: stillSilent ? before.silentSince : now,
    })
    const oldest = this.#entries.keys().next()
    if (this.#entries.size > ENTRIES_MAX && oldest.done === false) this.#entries.delete(oldest.value)
  }

  /** Whether it must be dialled to have a recent result. */
  isDue(address: Address, now: number, blind: boolean): boolean {
    const entry = this.#entries.get(address)
    return entry === undefined || now - entry.seenAt > lifetimeMs(entry.sight, blind)
  }

  /** The recent result. */
  get(address: Address, now: number, blind: boolean): ProbeResult | undefined {
    const entry = this.#entries.get(address)
    if (entry === undefined || now - entry.seenAt > lifetimeMs(entry.sight, blind) + GRACE_MS)
      return undefined
    if (entry.sight.saw !== 'nothing') return entry.sight
    return { saw: 'nothing', forMs: entry.seenAt - entry.silentSince }
  }
}

function lifetimeMs({ saw }: Sight, blind: boolean): number {
  if (saw !== 'nothing') return ANSWER_MS
  return blind ? BLIND_MS : NOTHING_MS
}
