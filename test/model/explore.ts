/** All sequences of moves, the shortest first; states that are the same are gone on from once. */
import { hash } from 'node:crypto'
import { rulesWith } from '../../policies/good-request.fixture.ts'
import type { Rules } from '../../policies/rules.ts'
import type { Wrong } from './invariants.ts'
import { keyOf } from './key.ts'
import { whoWaits } from './life.ts'
import { isPossible, make } from './moves.ts'
import { smallLimits, type Spec } from './spec.ts'
import { World } from './world.ts'

interface Finding extends Wrong {
  /** The shortest, after what had happened before. */
  readonly sequence: readonly string[]
}

export interface Explored {
  readonly states: number
  readonly transitions: number
  readonly depth: number
  /** Nothing is left to try. */
  readonly isWhole: boolean
  readonly findings: readonly Finding[]
}

export interface Bounds {
  readonly depth?: number
  readonly transitions?: number
  /** As `performance.now()`. */
  readonly until?: number
  /** Ends at the first finding of which this is true. */
  readonly stopAt?: (wrong: Wrong) => boolean
}

/** Tries all that may happen in a world, within bounds. */
export async function explore(spec: Spec, bounds: Bounds): Promise<Explored> {
  const exploring = new Exploring(spec, await rulesOf(spec), bounds)
  await exploring.begin()
  let depth = 0
  while (depth < (bounds.depth ?? Infinity) && exploring.goesOn() && (await exploring.deeper())) depth += 1
  return exploring.result(depth)
}

/** What is wrong at the end of a sequence. */
export async function wrongsAfter(spec: Spec, sequence: readonly string[]): Promise<readonly Wrong[]> {
  const last = sequence.at(-1)
  const world = await replay(spec, await rulesOf(spec), sequence.slice(0, -1))
  const wrongs = last === undefined ? [] : await make(world, last)
  const all = wrongs.length > 0 ? wrongs : await whoWaits(world)
  await world.product.stop()
  return all
}

async function rulesOf({
  settings,
  limits = smallLimits,
}: Pick<Spec, 'settings' | 'limits'>): Promise<Rules> {
  return { ...(await rulesWith(settings ?? {})), limits }
}

/** The world after so many moves. */
async function replay(spec: Spec, rules: Rules, sequence: readonly string[]): Promise<World> {
  const world = new World(spec, rules)
  for (const move of [...spec.begin, ...sequence]) await make(world, move)
  return world
}

const digest = (key: string): string => hash('sha1', key, 'base64')

interface State {
  readonly sequence: readonly string[]
  readonly key: string
  /** That are possible in it. */
  readonly moves: readonly string[]
}

class Exploring {
  readonly #spec: Spec
  readonly #rules: Rules
  readonly #seen = new Set<string>()
  readonly #findings = new Map<string, Finding>()
  readonly #bounds: Bounds
  #transitions = 0
  #hasStopped = false
  /** Those to go on from. */
  #frontier: State[] = []

  constructor(spec: Spec, rules: Rules, bounds: Bounds) {
    this.#spec = spec
    this.#rules = rules
    this.#bounds = bounds
  }

  async begin(): Promise<void> {
    await this.#arrive(await replay(this.#spec, this.#rules, []), [])
  }

  /** One more move after each sequence. Returns whether there was time for all. */
  async deeper(): Promise<boolean> {
    const from = this.#frontier
    this.#frontier = []
    for (const state of from) {
      if (!this.#hasRoom()) return false
      await this.#goOn(state)
    }
    return true
  }

  goesOn(): boolean {
    return this.#frontier.length > 0 && this.#hasRoom()
  }

  #hasRoom(): boolean {
    const { transitions = Infinity, until = Infinity } = this.#bounds
    return !this.#hasStopped && this.#transitions < transitions && performance.now() < until
  }

  /** A world in which a move changed nothing serves for the next. */
  async #goOn({ sequence, key, moves }: State): Promise<void> {
    let world: World | undefined
    for (const move of moves) {
      world ??= await replay(this.#spec, this.#rules, sequence)
      this.#transitions += 1
      const wrongs = await make(world, move)
      for (const wrong of wrongs) this.#note(wrong, [...sequence, move])
      if (wrongs.length === 0 && digest(keyOf(world)) === key) continue
      // What follows from a wrong is no finding of its own.
      if (wrongs.length === 0) await this.#arrive(world, [...sequence, move])
      else await world.product.stop()
      world = undefined
    }
    await world?.product.stop()
  }

  async #arrive(world: World, sequence: readonly string[]): Promise<void> {
    const key = digest(keyOf(world))
    if (!this.#seen.has(key)) {
      this.#seen.add(key)
      const moves = this.#spec.moves.filter((move) => isPossible(world, move))
      this.#frontier.push({ sequence, key, moves })
      for (const wrong of await whoWaits(world)) this.#note(wrong, sequence)
    }
    await world.product.stop()
  }

  #note(wrong: Wrong, sequence: readonly string[]): void {
    const key = `${wrong.invariant} ${wrong.value}`
    if (!this.#findings.has(key)) this.#findings.set(key, { ...wrong, sequence })
    if (this.#bounds.stopAt?.(wrong) === true) this.#hasStopped = true
  }

  result(depth: number): Explored {
    const findings = [...this.#findings.values()]
    const isWhole = this.#frontier.length === 0
    return { states: this.#seen.size, transitions: this.#transitions, depth, isWhole, findings }
  }
}
