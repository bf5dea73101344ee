import type { Log } from '../ports.ts'

export type Task = 'list' | 'watch'

/** What keeps a list, and its watch, from going on; null while nothing does. Each change is logged once. */
export class Problems {
  readonly #options: { readonly name: string; readonly log: Log }
  readonly #current: Record<Task, string | null> = { list: null, watch: null }

  constructor(options: { readonly name: string; readonly log: Log }) {
    this.#options = options
  }

  get first(): string | null {
    return this.#current.list ?? this.#current.watch
  }

  set(task: Task, problem: string | null): void {
    if (this.#current[task] === problem) return
    this.#current[task] = problem
    const fields = { list: this.#options.name, task }
    if (problem === null) this.#options.log.info(fields, 'a list or its watch goes on')
    else this.#options.log.warn({ ...fields, problem }, 'a list or its watch failed')
  }
}
