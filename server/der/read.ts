import asn1, { type Asn1 } from 'node-forge/lib/asn1.js'
import { checkContent } from './content.ts'
import { firstDifference, fault, isFault } from './faults.ts'
import { type Budget, type Header, MAX_DEPTH, type Span, scan, MAX_ELEMENTS } from './scan.ts'
import { TAG } from './tags.ts'
import type { Fault } from '../../policies/types.ts'

/** A canonical element. `at` and `end` are offsets in the whole request, `content` holds the octets. */
export interface Element {
  readonly tag: number
  readonly at: number
  readonly end: number
  readonly depth: number
  readonly content: Uint8Array
  readonly children: readonly Element[]
}

/**
 * Reads one element with its children, or returns the broken DER rule and its offset.
 * Two parsers read the octets: our header scan and node-forge. They must find the same elements, all content must be
 * canonical for its type, and node-forge must encode the elements as the same octets.
 */
function readElement(der: Uint8Array, span: Span, budget: Budget): Element | Fault {
  const headers = scan(der, span, budget)
  if (isFault(headers)) return headers
  const octets = Buffer.from(der.buffer, der.byteOffset + span.from, span.to - span.from).toString('latin1')
  const tree = parse(octets, span.from)
  if (isFault(tree)) return tree
  const walk: Walk = { der, headers, next: 0 }
  const element = join(tree, walk, span.depth)
  if (isFault(element)) return element
  const written = asn1.toDer(tree).getBytes()
  if (written === octets && walk.next === headers.length) return element
  return fault(
    'ParsersDisagree',
    span.from + firstDifference(written, octets),
    'node-forge encodes the elements differently',
  )
}

function parse(octets: string, at: number): Asn1 | Fault {
  try {
    return asn1.fromDer(octets, {
      strict: true,
      parseAllBytes: true,
      decodeBitStrings: false,
      maxDepth: MAX_DEPTH,
    })
  } catch {
    // node-forge's own message quotes the input, so it is not used.
    return fault('ParsersDisagree', at, 'node-forge cannot read elements with valid headers')
  }
}

/** The headers in document order, and how many of them are already matched with node-forge's tree. */
interface Walk {
  readonly der: Uint8Array
  readonly headers: readonly Header[]
  next: number
}

/** Matches an element of node-forge's tree with the next header of the scan. */
function join(node: Asn1, walk: Walk, depth: number): Element | Fault {
  const header = walk.headers[walk.next]
  walk.next += 1
  if (header === undefined || !isSame(node, header)) {
    return fault(
      'ParsersDisagree',
      header?.at ?? walk.der.length,
      'node-forge reads a different element here',
    )
  }
  const { tag, at, end } = header
  const content = walk.der.subarray(header.content, end)
  const children: Element[] = []
  for (const inner of typeof node.value === 'string' ? [] : node.value) {
    const child = join(inner, walk, depth + 1)
    if (isFault(child)) return child
    children.push(child)
  }
  const problem = tag === TAG.set ? checkOrder(children, walk.der) : checkContent(tag, content, at)
  return problem ?? { tag, at, end, depth, content, children }
}

function isSame(node: Asn1, { tag, content, end }: Header): boolean {
  if (((node.constructed ? 0x20 : 0) | node.tagClass | node.type) !== tag) return false
  if (typeof node.value !== 'string') return true
  return node.value.length * (tag === TAG.bmpString ? 2 : 1) === end - content
}

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
