import type { Element } from './read.ts'
import { TAG } from './tags.ts'

/** Stands for any identifier octet. */
export const ANY = null

type Elements<Tags extends readonly unknown[]> = { readonly [Index in keyof Tags]: Element }

/** The elements of a SEQUENCE that holds exactly these types in this order; null when it does not, or is none. */
export function sequenceOf<const Tags extends readonly (number | typeof ANY)[]>(
  { tag, children }: Element,
  ...tags: Tags
): Elements<Tags> | null {
  return tag === TAG.sequence && hasTags(children, tags) ? children : null
}

const hasTags = <Tags extends readonly (number | typeof ANY)[]>(
  children: readonly Element[],
  tags: Tags,
): children is Elements<Tags> =>
  children.length === tags.length &&
  children.every(({ tag }, index) => tags[index] === ANY || tags[index] === tag)
