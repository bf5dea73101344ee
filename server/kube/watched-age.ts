import type { Clock } from '../ports.ts'
import { Age, type Moment } from './age.ts'

/** Between two looks at whether this process stood still. */
const LOOK_MS = 1_000

/**
 * How old what is known from lists and a watch may be. A watch that fell behind by more than that proves nothing: its lines come
 * one by one, and only a list shows what is true by now.
 */
export class WatchedAge extends Age {
  readonly #maxMs: number
  readonly #wantList: () => void
  readonly #looking: NodeJS.Timeout
  /** When this process last ran: what comes next may have waited since then. */
  #ranAt: Moment
  /** How often the watch fell behind, and how many of these times were before the last list. */
  #lags = 0
  #lagsListed = 0

  constructor(clock: Pick<Clock, 'monotonic'>, maxMs: number, wantList: () => void) {
    super(clock)
    this.#maxMs = maxMs
    this.#wantList = wantList
    this.#ranAt = this.now()
    this.#looking = setInterval(() => this.#look(), LOOK_MS).unref()
  }

  /** Whether a list is needed. */
  get isBehind(): boolean {
    return this.#lags > this.#lagsListed
  }

  /** A list is asked for. What is returned is called once it has been read. */
  listing(): () => void {
    const [sentAt, lags] = [this.now(), this.#lags]
    return () => {
      this.#lagsListed = lags
      this.prove(sentAt)
    }
  }

  /** A watch goes on from what the last one heard. */
  resumed(): void {
    if (this.ms > this.#maxMs) this.#fallBehind()
  }

  /** There is no watch to go on with: while a list is read, what it has shown and what was known before are of two times. */
  lost(): void {
    this.#lags += 1
    this.doubt()
  }

  /** The watch told something new. */
  heard(): void {
    this.#look()
    if (!this.isBehind) this.prove(this.now())
  }

  stop(): void {
    clearInterval(this.#looking)
  }

  /** After a pause of this process, such as by SIGSTOP, what lies in its sockets is as old. */
  #look(): void {
    const pausedMs = this.since(this.#ranAt)
    this.#ranAt = this.now()
    if (pausedMs > this.#maxMs) this.#fallBehind()
  }

  #fallBehind(): void {
    this.#lags += 1
    this.#wantList()
  }
}
