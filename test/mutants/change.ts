/** A change of one file of the product, and the ways to make one. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')

export interface Change {
  /** From the root. */
  readonly file: string
  /** Where it begins, from 1. */
  readonly line: number
  readonly what: string
  /** The changed line, or the one that is no longer there. */
  readonly shown: string
  /** The whole file. */
  readonly source: string
}

/** With another text in place of one line. */
export function ofLine(file: string, index: number, after: string, what: string): Change {
  const lines = readFileSync(join(root, file), 'utf8').split('\n')
  const shown = after.trim() || (lines[index] ?? '').trim()
  return { file, line: index + 1, what, shown, source: lines.with(index, after).join('\n') }
}

export interface Edit {
  readonly file: string
  /** With one space wherever the formatter may break the line. */
  readonly find: string
  readonly replace: string
}

/** What the service promises, and the edit that takes it away. */
export interface Promised extends Edit {
  /** What is kept no longer. */
  readonly promise: string
  /** Tests, one of which must tell; the cheapest first. */
  readonly tests: readonly string[]
}

/** An edit that does not fit in exactly one place is an error, not a change that is told. */
export function ofEdit({ file, find, replace }: Edit, what: string): Change {
  const source = readFileSync(join(root, file), 'utf8')
  const words = find.split(/\s+/u).map((word) => word.replaceAll(/[\\^$.*+?()[\]{}|]/gu, '\\$&'))
  const places = [...source.matchAll(new RegExp(words.join('\\s+'), 'gu'))]
  const [place] = places
  if (place === undefined || places.length > 1)
    throw new Error(`the edit for "${what}" fits ${places.length} times in ${file}`)
  const { index } = place
  const changed = source.slice(0, index) + replace + source.slice(index + place[0].length)
  return { file, line: source.slice(0, index).split('\n').length, what, shown: replace, source: changed }
}
