/** Faults one after another, some at once, by a seed: the time-line. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fault, type Stage, targetOf } from './faults.ts'
import type { Replica } from './installation.ts'
import type { Random } from '../kit/random.ts'

/** Of performance.now(). */
export interface Befell {
  readonly fault: string
  readonly target: string
  readonly from: number
  /** When all was well again. */
  readonly until: number
}

export interface StormOptions {
  readonly seconds: number
  readonly faults: readonly Fault[]
  /** Those whose name has this text; all where it is empty. */
  readonly only: string
  readonly print: (line: string) => void
}

const FIRST_AFTER_MS = 3_000
/** A third of the faults begin while another lasts. */
const OVERLAP = 1 / 3
const CLUSTER = 'cluster'

/** Each fault of the table once in an order by the seed, then again, until the time is over. */
export async function storm(stage: Stage, random: Random, options: StormOptions): Promise<readonly Befell[]> {
  const chosen = options.faults.filter(({ name }) => name.includes(options.only))
  if (chosen.length === 0) throw new Error(`no fault has ${options.only} in its name`)
  const running = new Running(stage, options.print)
  let left: Fault[] = []
  await sleep(FIRST_AFTER_MS)
  while (running.ms < options.seconds * 1_000) {
    if (left.length === 0) left = shuffled(chosen, random)
    const fault = left.pop()
    if (fault === undefined) break
    const one = await running.begin(
      fault,
      targetOf(fault, stage.installation, random),
      random.between(1_000, 8_000),
    )
    if (random.next() > OVERLAP) await one.ended
    await sleep(random.between(200, 2_000))
  }
  return await running.end()
}

class Running {
  readonly #stage: Stage
  readonly #print: (line: string) => void
  readonly #begun = performance.now()
  readonly #befell: Befell[] = []
  /** By target. */
  readonly #lasting = new Map<string, Promise<void>>()

  constructor(stage: Stage, print: (line: string) => void) {
    this.#stage = stage
    this.#print = print
  }

  get ms(): number {
    return performance.now() - this.#begun
  }

  /** Waits for the fault that lasts at the same target: two would end each other. */
  async begin(fault: Fault, replica: Replica, lastsMs: number): Promise<{ readonly ended: Promise<void> }> {
    const target = fault.on === 'cluster' ? CLUSTER : replica.name
    while (this.#isBusy(target)) await Promise.race(this.#lasting.values())
    const ended = this.#befall(fault, replica, { target, lastsMs }).finally(() =>
      this.#lasting.delete(target),
    )
    this.#lasting.set(target, ended)
    return { ended }
  }

  async end(): Promise<readonly Befell[]> {
    await Promise.all(this.#lasting.values())
    return this.#befell
  }

  #isBusy(target: string): boolean {
    if (target === CLUSTER) return this.#lasting.size > 0
    return this.#lasting.has(target) || this.#lasting.has(CLUSTER)
  }

  async #befall(
    fault: Fault,
    replica: Replica,
    { target, lastsMs }: { readonly target: string; readonly lastsMs: number },
  ): Promise<void> {
    const from = performance.now()
    await fault.run(this.#stage, replica, async () => {
      await sleep(lastsMs)
    })
    const one = { fault: fault.name, target, from, until: performance.now() }
    this.#befell.push(one)
    this.#print(lineOf(one))
  }
}

/** Of the time-line. */
export function lineOf({ fault, target, from, until }: Befell): string {
  const [at, seconds] = [from, until - from].map((ms) => (ms / 1_000).toFixed(1).padStart(6))
  return `${at} s  ${seconds} s  ${target.padEnd(12)}  ${fault}`
}

function shuffled<T>(all: readonly T[], random: Random): T[] {
  return all
    .map((one) => [random.next(), one] as const)
    .sort(([one], [other]) => one - other)
    .map(([, one]) => one)
}
