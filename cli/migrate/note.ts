/** How much a note matters: `same` has the same effect here, `changed` another one, `none` has no equivalent. */
export type Effect = 'same' | 'changed' | 'none'

/** What becomes of one setting of another approver. */
export interface Note {
  /** As it is written there. */
  readonly setting: string
  readonly effect: Effect
  /** What becomes of it here, and why. */
  readonly text: string
}

/** Our values, and what was read off the other approver's configuration. */
export interface Migration {
  readonly values: Values
  readonly notes: readonly Note[]
}

type Values = Readonly<Record<string, unknown>>

/** Collects values and notes, one setting after another. */
export class Migrating {
  readonly #values: Record<string, unknown> = {}
  readonly #notes: Note[] = []

  /** @param path such as `policy.names.patterns` */
  set(path: string, value: unknown): void {
    const keys = path.split('.')
    const last = keys.pop() ?? ''
    let group: Record<string, unknown> = this.#values
    for (const key of keys) group = childOf(group, key)
    group[last] = value
  }

  same(setting: string, text: string): void {
    this.#notes.push({ setting, effect: 'same', text })
  }

  changed(setting: string, text: string): void {
    this.#notes.push({ setting, effect: 'changed', text })
  }

  none(setting: string, text: string): void {
    this.#notes.push({ setting, effect: 'none', text })
  }

  done(): Migration {
    return { values: this.#values, notes: this.#notes }
  }
}

function childOf(group: Record<string, unknown>, key: string): Record<string, unknown> {
  const child = group[key]
  if (typeof child === 'object' && child !== null) return Object.assign(child)
  const created: Record<string, unknown> = {}
  group[key] = created
  return created
}
