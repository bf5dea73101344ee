/** Stands in for node:test in the worker of `main.ts`: tests are collected, and run one after the other up to the first that fails. */
import { mock } from 'node:test'

type Step = (context: Context) => unknown

interface Collected {
  readonly name: string
  readonly run: Step
}

class Context {
  readonly mock = mock
  readonly #afterwards: (() => unknown)[] = []

  after(step: () => unknown): void {
    this.#afterwards.push(step)
  }

  diagnostic(): void {}

  async end(): Promise<void> {
    for (const step of this.#afterwards) await step()
    mock.reset()
    mock.timers.reset()
  }
}

const tests: Collected[] = []
const hooks: Readonly<Record<'before' | 'beforeEach' | 'afterEach' | 'after', Step[]>> = {
  before: [],
  beforeEach: [],
  afterEach: [],
  after: [],
}

export function test(name: string, ...given: readonly unknown[]): void {
  const run = given.at(-1)
  const options = given.length > 1 ? given[0] : {}
  const skip = typeof options === 'object' && options !== null && 'skip' in options && options.skip
  if (isStep(run) && skip !== true && typeof skip !== 'string') tests.push({ name, run })
}

function isStep(value: unknown): value is Step {
  return typeof value === 'function'
}

export const before = (step: Step): void => void hooks.before.push(step)
export const beforeEach = (step: Step): void => void hooks.beforeEach.push(step)
export const afterEach = (step: Step): void => void hooks.afterEach.push(step)
export const after = (step: Step): void => void hooks.after.push(step)
export { mock }

/** The same by its other name. */
// oxlint-disable-next-line import/no-default-export -- as node:test has it
export default (...given: Parameters<typeof test>): void => test(...given)

/** The name of the first test that fails, of those collected since the last call; null where none does. */
export async function firstFailing(): Promise<string | null> {
  const context = new Context()
  try {
    await all(hooks.before, context)
    for (const one of tests) if (!(await passes(one))) return one.name
    return null
  } finally {
    await all(hooks.after, context)
    await context.end()
    tests.length = 0
    for (const steps of Object.values(hooks)) steps.length = 0
  }
}

async function passes({ run }: Collected): Promise<boolean> {
  const context = new Context()
  try {
    await all(hooks.beforeEach, context)
    await run(context)
    return true
  } catch {
    return false
  } finally {
    await all(hooks.afterEach, context)
    await context.end()
  }
}

async function all(steps: readonly Step[], context: Context): Promise<void> {
  for (const step of steps) await step(context)
}
