import type { Clock } from '../ports.ts'

/** A moment on two clocks: the monotonic one stands still while a machine is suspended, the wall clock may be set. */
export interface Moment {
  readonly monotonic: number
  readonly wall: number
}

const NEVER: Moment = { monotonic: -Infinity, wall: -Infinity }

/** How old what we know may be: the time since it was last proven to be current, by the clock that says more. */
export class Age {
  readonly #clock: Pick<Clock, 'monotonic'>
  #provenAt = NEVER

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  now(): Moment {
    return { monotonic: this.#clock.monotonic(), wall: Date.now() }
  }

  /** What is known was current at that moment. */
  prove(at: Moment): void {
    if (at.monotonic > this.#provenAt.monotonic) this.#provenAt = at
  }

  /** Nothing shows any more that what is known is current. */
  doubt(): void {
    this.#provenAt = NEVER
  }

  /** Milliseconds; Infinity before the first proof. */
  get ms(): number {
    return this.since(this.#provenAt)
  }

  /** Milliseconds by the clock that says more. */
  since({ monotonic, wall }: Moment): number {
    const now = this.now()
    return Math.max(now.monotonic - monotonic, now.wall - wall)
  }
}
