import type { Clock } from '../ports.ts'

/** The `Date` header is truncated to whole seconds: the true time is up to this much later. */
const DATE_RESOLUTION_MS = 1_000
/** The estimate starts over after this time, since the two clocks may drift. */
const ESTIMATE_LASTS_MS = 600_000

/**
 * Estimates the API server's clock from `Date` headers. Each answer bounds its offset from our monotonic clock, and
 * several bounds together narrow it to a few milliseconds. The local wall clock may be wrong by hours, or jump.
 */
export class ServerClock implements Clock {
  readonly #monotonic: () => number
  readonly #wall: () => number
  #bounds: { low: number; high: number; readonly since: number } | undefined

  constructor(monotonic: () => number = () => performance.now(), wall: () => number = () => Date.now()) {
    this.#monotonic = monotonic
    this.#wall = wall
  }

  monotonic(): number {
    return this.#monotonic()
  }

  /** Milliseconds since the epoch. Uses the local wall clock until the API server has answered once. */
  serverNow(): number {
    if (this.#bounds === undefined) return this.#wall()
    return Math.round(this.#monotonic() + (this.#bounds.low + this.#bounds.high) / 2)
  }

  /** Uses the `Date` header of an answer. @param sentAt,receivedAt monotonic times before and after the call */
  observe(date: string | undefined, sentAt: number, receivedAt: number): void {
    const stamp = Date.parse(date ?? '')
    if (Number.isNaN(stamp)) return
    const low = stamp - receivedAt
    const high = stamp + DATE_RESOLUTION_MS - sentAt
    const known = this.#bounds
    const narrowed = { low: Math.max(low, known?.low ?? low), high: Math.min(high, known?.high ?? high) }
    const usable =
      known !== undefined && receivedAt - known.since < ESTIMATE_LASTS_MS && narrowed.low <= narrowed.high
    // If the bounds contradict each other, a clock was set or the machine was suspended. The newest bounds count.
    this.#bounds = usable ? { ...narrowed, since: known.since } : { low, high, since: receivedAt }
  }
}
