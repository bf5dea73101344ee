import { setImmediate as otherWork } from 'node:timers/promises'
import type { Pattern } from '../../policies/pattern.ts'
import { quoted } from '../../policies/text.ts'
import { TURN_MS } from '../in-turns.ts'
import { type InventoryLine, type LineFault, readLine } from './inventory-line.ts'

/** What the operator says of all nodes. */
export interface Inventory {
  readonly byNode: ReadonlyMap<string, InventoryLine>
  /** In order: the first that matches a Node without a line of its own. */
  readonly patterns: readonly { readonly nodes: Pattern; readonly line: InventoryLine }[]
}

/** One text of an inventory, such as a key of a ConfigMap. */
export interface InventoryText {
  /** For faults. */
  readonly name: string
  readonly text: string
}

export type ReadInventory =
  | { readonly ok: true; readonly inventory: Inventory }
  | { readonly ok: false; readonly faults: readonly string[] }

/** More than there are nodes in the largest cluster. */
const LINES_MAX = 20_000
/** A Node without a line of its own is matched with each. */
const PATTERNS_MAX = 256
const FAULTS_MAX = 50

/** Reads all texts as one inventory, and lists every fault: `NAME:LINE:COLUMN problem`. */
export async function readInventory(texts: readonly InventoryText[]): Promise<ReadInventory> {
  const reader = new Reader()
  let began = performance.now()
  for (const { name, text } of texts) {
    for (const entry of entriesOf(text)) {
      await reader.read(name, entry)
      if (performance.now() - began < TURN_MS) continue
      await otherWork()
      began = performance.now()
    }
  }
  return reader.result()
}

interface EntryText {
  readonly text: string
  /** The line on which it starts, from 0. */
  readonly startsAt: number
}

/**
 * The entries of a list of maps in block style. YAML wants what belongs to an entry indented, so a line that begins with a
 * dash begins an entry. Each is then parsed by itself: a megabyte at once would hold up everything else for a second.
 */
function* entriesOf(text: string): Generator<EntryText> {
  let lines: string[] = []
  let startsAt = 0
  for (const [index, line] of text.split('\n').entries()) {
    if (/^-\s/u.test(line)) {
      yield { text: lines.join('\n'), startsAt }
      lines = []
      startsAt = index
    }
    lines.push(line)
  }
  yield { text: lines.join('\n'), startsAt }
}

class Reader {
  readonly #byNode = new Map<string, InventoryLine>()
  readonly #patterns: { readonly nodes: Pattern; readonly line: InventoryLine }[] = []
  /** Where each Node or pattern was read, to tell where it is repeated. */
  readonly #placeOf = new Map<string, string>()
  readonly #faults: string[] = []
  #moreFaults = 0

  async read(name: string, { text, startsAt }: EntryText): Promise<void> {
    if (isBlank(text)) return
    const read = text.startsWith('-') ? await readLine(text) : NOT_A_LIST
    const at = (fault: Pick<LineFault, 'line' | 'column'>) =>
      `${name}:${startsAt + fault.line}:${fault.column}`
    if (!read.ok) {
      for (const fault of read.faults) this.#refuse(`${at(fault)} ${fault.problem}`)
      return
    }
    const { of, line } = read
    const key = typeof of === 'string' ? of : `pattern ${of.source}`
    const place = at({ line: 1, column: 3 })
    const before = this.#placeOf.get(key)
    if (before !== undefined) return this.#refuse(`${place} ${quoted(key)} has a line already, at ${before}`)
    this.#placeOf.set(key, place)
    if (typeof of === 'string') this.#byNode.set(of, line)
    else this.#patterns.push({ nodes: of, line })
  }

  result(): ReadInventory {
    // A list that was emptied by mistake would stop the renewals of all nodes.
    if (this.#placeOf.size === 0 && this.#faults.length === 0) this.#refuse('the inventory has no line')
    if (this.#byNode.size > LINES_MAX) this.#refuse(`the inventory has more than ${LINES_MAX} nodes`)
    if (this.#patterns.length > PATTERNS_MAX)
      this.#refuse(`the inventory has more than ${PATTERNS_MAX} patterns`)
    const more = this.#moreFaults > 0 ? [`and ${this.#moreFaults} more`] : []
    if (this.#faults.length > 0) return { ok: false, faults: [...this.#faults, ...more] }
    return { ok: true, inventory: { byNode: this.#byNode, patterns: this.#patterns } }
  }

  #refuse(fault: string): void {
    if (this.#faults.length < FAULTS_MAX) this.#faults.push(fault)
    else this.#moreFaults += 1
  }
}

const NOT_A_LIST = {
  ok: false,
  faults: [
    { line: 1, column: 1, problem: 'must be a list of nodes, each on a line that begins with a dash' },
  ],
} as const

/** What may come before the first entry: nothing, comments, the start of a document. */
function isBlank(text: string): boolean {
  return text.split('\n').every((line) => /^\s*(?:#.*|---\s*|\[\]\s*)?$/u.test(line))
}
