/** One schedule: moves and messages in the order of a scheduler, and then a calm in which all must be decided. */
import type { Scheduler } from 'fast-check'
import { make, type Move, told } from './moves.ts'
import { VirtualTime } from './virtual-time.ts'
import { World } from './world.ts'

/** Longer than a watch is silent, and a Lease expires after it. */
const CALM_MS = 150_000
/** Before each move, so that messages get on. */
const TURNS = 3

export interface Played {
  /** What was wrong. */
  readonly wrong: readonly string[]
  readonly steps: number
}

export async function play(schedule: Scheduler, moves: readonly Move[], seed: number): Promise<Played> {
  const time = new VirtualTime(seed)
  return await time.as(time.outside, async () => {
    const playing = new Playing(schedule, time)
    await playing.storm(moves)
    await playing.calm()
    return playing.result()
  })
}

class Playing {
  readonly #schedule: Scheduler
  readonly #time: VirtualTime
  readonly #world: World
  #steps = 0

  constructor(schedule: Scheduler, time: VirtualTime) {
    this.#schedule = schedule
    this.#time = time
    this.#world = new World(schedule, time)
  }

  async storm(moves: readonly Move[]): Promise<void> {
    await this.#time.settle()
    const under = { way: true }
    const all = Promise.all([this.#make(moves).finally(() => (under.way = false)), this.#tick(under)])
    while (under.way) await this.#next()
    // The clock waits for its last turn.
    while (this.#schedule.count() > 0) await this.#next()
    await all
  }

  async #tick(under: { readonly way: boolean }): Promise<void> {
    while (under.way) {
      await this.#world.network.turn('the clock goes on')
      await this.#world.tick()
    }
  }

  async #make(moves: readonly Move[]): Promise<void> {
    for (const move of moves) {
      for (let turn = 0; turn < TURNS; turn += 1) await this.#world.network.turn('so far nothing')
      await this.#world.network.turn(told(move))
      await make(this.#world, move)
    }
  }

  /** Nothing goes wrong any more, and messages arrive before time passes. */
  async calm(): Promise<void> {
    this.#world.calm()
    const until = this.#time.now + CALM_MS
    while (this.#time.now < until) {
      while (this.#schedule.count() > 0) await this.#next()
      if (this.#world.truth.waiting().length === 0) return
      await this.#time.step(until)
    }
  }

  async #next(): Promise<void> {
    this.#steps += 1
    await this.#schedule.waitNext(1)
    await this.#time.settle()
  }

  result(): Played {
    const { truth } = this.#world
    const late = truth.waiting().map((name) => `${name} was never approved`)
    return { wrong: [...truth.wrong, ...late], steps: this.#steps }
  }
}
