import asn1, { type Asn1 } from 'node-forge/lib/asn1.js'
import type { Fault } from '../../policies/types.ts'
import { checkContent } from './content.ts'
import { fault, firstDifference, isFault, readEach } from './faults.ts'
import { checkTag, TAG } from './tags.ts'

/** A canonical element. `at` and `end` are offsets in the whole request, `content` holds the octets. */
export interface Element {
  readonly tag: number
  readonly at: number
  readonly end: number
  readonly depth: number
  readonly content: Uint8Array
  readonly children: readonly Element[]
}

/** The octets to read as one element, and the depth of that element. The request itself has depth 1. */
interface Span {
  readonly from: number
  readonly to: number
  readonly depth: number
}

/** The number of elements that a request may still have. All its spans share one budget. */
interface Budget {
  elements: number
}

const MAX_DEPTH = 16
const MAX_ELEMENTS = 1024

/**
 * Reads one element with its children, or returns the broken DER rule and its offset.
 * node-forge reads the octets. DER gives each value one encoding (X.690 §11), so octets that node-forge encodes again as they
 * were are read right. Then every tag must be allowed, and all content canonical for its type.
 */
function readElement(der: Uint8Array, span: Span, budget: Budget): Element | Fault {
  const octets = Buffer.from(der.buffer, der.byteOffset + span.from, span.to - span.from).toString('latin1')
  const tree = parse(octets, span, budget)
  if (isFault(tree)) return tree
  const written = asn1.toDer(tree).getBytes()
  if (written === octets) return locate(tree, der, { at: span.from, depth: span.depth })
  return fault('NotDer', span.from + firstDifference(written, octets), 'DER has another octet here')
}

function parse(octets: string, { from, depth }: Span, budget: Budget): Asn1 | Fault {
  const levels = MAX_DEPTH - depth + 1
  try {
    return asn1.fromDer(octets, {
      strict: true,
      parseAllBytes: true,
      decodeBitStrings: false,
      // node-forge asks before each element, so elements are counted here, and none is read past the limit.
      get maxDepth() {
        budget.elements -= 1
        return budget.elements < 0 ? 0 : levels
      },
    })
  } catch (error) {
    if (budget.elements < 0) return fault('TooManyElements', from, `more than ${MAX_ELEMENTS} elements`)
    // The message is only compared, since others of node-forge quote the input.
    if (error instanceof Error && error.message.endsWith('Max depth exceeded.'))
      return fault('TooDeep', from, `nested more than ${MAX_DEPTH} deep`)
    return fault('NotDer', from, 'node-forge cannot read the octets')
  }
}

interface Place {
  readonly at: number
  readonly depth: number
}

/** An element of node-forge's tree with its octets, which begin at `at`. */
function locate(node: Asn1, der: Uint8Array, { at, depth }: Place): Element | Fault {
  const tag = (node.constructed ? 0x20 : 0) | node.tagClass | node.type
  const forbidden = checkTag(tag, at)
  if (forbidden) return forbidden
  const start = contentAt(der, at)
  const children = locateAll(childrenOf(node), der, { at: start, depth: depth + 1 })
  if (isFault(children)) return children
  const end = children.at(-1)?.end ?? start + primitiveLength(node)
  const content = der.subarray(start, end)
  const problem = tag === TAG.set ? checkOrder(children, der) : checkContent(tag, content, at)
  return problem ?? { tag, at, end, depth, content, children }
}

function locateAll(nodes: readonly Asn1[], der: Uint8Array, first: Place): readonly Element[] | Fault {
  let { at } = first
  return readEach(nodes, (node) => {
    const element = locate(node, der, { ...first, at })
    if (!isFault(element)) at = element.end
    return element
  })
}

/** Where the content begins of the element at `at`, whose length is minimal (X.690 §10.1). */
function contentAt(der: Uint8Array, at: number): number {
  const first = der[at + 1] ?? 0
  return at + 2 + (first < 0x80 ? 0 : first & 0x7f)
}

const childrenOf = ({ value }: Asn1): readonly Asn1[] => (typeof value === 'string' ? [] : value)

/** Octets of content without elements. node-forge has two of a BMPString in one character. */
const primitiveLength = ({ value, type }: Asn1): number => value.length * (type === TAG.bmpString ? 2 : 1)

/** X.690 §11.6: a SET OF is in ascending order of its encodings. The attributes of a request are one too. */
export function checkOrder(members: readonly Element[], der: Uint8Array): Fault | undefined {
  const later = members.find((member, index) => {
    const before = members[index - 1]
    return before !== undefined && Buffer.compare(encoded(before, der), encoded(member, der)) >= 0
  })
  return later && fault('SetUnsorted', later.at, 'an element of a SET OF is out of order')
}

/** The octets of the element, header included. */
export const encoded = ({ at, end }: Element, der: Uint8Array): Uint8Array => der.subarray(at, end)

/** Matches any identifier octet. */
export const ANY = null

type Elements<Tags extends readonly unknown[]> = { readonly [Index in keyof Tags]: Element }

/** The children of a SEQUENCE with exactly these types in this order, else null. */
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

/** A request while it is read: its octets, and the number of elements it may still have. */
export interface Source {
  readonly der: Uint8Array
  readonly budget: Budget
}

export const sourceOf = (der: Uint8Array): Source => ({ der, budget: { elements: MAX_ELEMENTS } })

export const readWhole = ({ der, budget }: Source): Element | Fault =>
  readElement(der, { from: 0, to: der.length, depth: 1 }, budget)

/** Reads DER inside an octet or bit string, such as an extension's value or an RSA key, after `skip` octets of content. */
export const readInside = ({ der, budget }: Source, outer: Element, skip = 0): Element | Fault =>
  readElement(
    der,
    { from: outer.end - outer.content.length + skip, to: outer.end, depth: outer.depth + 1 },
    budget,
  )
