import type { Clock } from '../ports.ts'

/** The `Date` header counts whole seconds, cut off: the true time is up to this much later. */
const DATE_RESOLUTION_MS = 1_000
/** An estimate is begun anew after this long, so that two clocks may drift apart. */
const ESTIMATE_LASTS_MS = 600_000

/**
 * The API server's clock, told from `Date` headers: each answer bounds how far it is ahead of our monotonic clock,
 * and several bounds together leave a few milliseconds. Our own wall clock may be wrong by hours, or jump.
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

  /** By our own wall clock until the API server has answered once. */
  serverNow(): number {
    if (this.#bounds === undefined) return this.#wall()
    return Math.round(this.#monotonic() + (this.#bounds.low + this.#bounds.high) / 2)
  }

  /** @param sentAt,receivedAt monotonic times around the answer whose `Date` header is given */
  observe(date: string | undefined, sentAt: number, receivedAt: number): void {
    const stamp = Date.parse(date ?? '')
    if (Number.isNaN(stamp)) return
    const low = stamp - receivedAt
    const high = stamp + DATE_RESOLUTION_MS - sentAt
    const known = this.#bounds
    const narrowed = { low: Math.max(low, known?.low ?? low), high: Math.min(high, known?.high ?? high) }
    const usable =
      known !== undefined && receivedAt - known.since < ESTIMATE_LASTS_MS && narrowed.low <= narrowed.high
    // Bounds that exclude each other: a clock was set, or the machine slept. The newest word counts.
    this.#bounds = usable ? { ...narrowed, since: known.since } : { low, high, since: receivedAt }
  }
}
