import type { Fault } from '../../policies/types.ts'
import { fault } from './faults.ts'
import { GENERALIZED_TIME, isAllowed, isConstructed, isWrongForm, octet, UTC_TIME } from './tags.ts'

/** An element's identifier octet, and the offsets of its start, content and end in the whole request. */
export interface Header {
  readonly tag: number
  readonly at: number
  readonly content: number
  readonly end: number
}

/** The octets to read as one element, and the depth of that element. The request itself has depth 1. */
export interface Span {
  readonly from: number
  readonly to: number
  readonly depth: number
}

/** The number of elements that a request may still have. All its spans share one budget. */
export interface Budget {
  elements: number
  /** Whether times may occur: in a certificate. */
  readonly times?: true
}

export const MAX_DEPTH = 16
export const MAX_ELEMENTS = 1024

/**
 * Checks the headers before a parser reads the octets: allowed tags, definite and minimal lengths (X.690 §10.1), each
 * element within its parent, exactly one outermost element, bounded depth and count. Runs in linear time without
 * recursion (unbounded recursion was CVE-2025-66031).
 * @returns the headers in document order
 */
export function scan(der: Uint8Array, span: Span, budget: Budget): readonly Header[] | Fault {
  const headers: Header[] = []
  const ends = [span.to]
  let at = span.from
  do {
    const header = readHeader(der, { at, end: ends.at(-1) ?? span.to }, budget)
    if ('readable' in header) return header
    const problem = checkBounds(header, span, budget, ends.length)
    if (problem) return problem
    headers.push(header)
    if (isConstructed(header.tag)) ends.push(header.end)
    at = isConstructed(header.tag) ? header.content : header.end
    while (ends.length > 1 && ends.at(-1) === at) ends.pop()
  } while (at < span.to)
  return headers
}

/** @param level 1 for the element of the span itself */
function checkBounds(header: Header, span: Span, budget: Budget, level: number): Fault | undefined {
  const { at, end } = header
  if (at === span.from && end !== span.to) {
    return fault('TrailingElement', end, `${span.to - end} octets follow the element`)
  }
  if (budget.elements === 0) return fault('TooManyElements', at, `more than ${MAX_ELEMENTS} elements`)
  budget.elements -= 1
  if (span.depth + level - 1 <= MAX_DEPTH) return undefined
  return fault('TooDeep', at, `nested more than ${MAX_DEPTH} deep`)
}

interface Place {
  readonly at: number
  /** Where its parent ends. */
  readonly end: number
}

const times: readonly number[] = [UTC_TIME, GENERALIZED_TIME]

function readHeader(der: Uint8Array, { at, end }: Place, budget: Budget): Header | Fault {
  const tag = der[at]
  const first = der[at + 1]
  if (tag === undefined || first === undefined || at + 2 > end) {
    return fault('Truncated', at, 'an element lacks identifier or length octets')
  }
  if (!isAllowed(tag) && !(budget.times === true && times.includes(tag))) {
    return isWrongForm(tag)
      ? fault('FormWrong', at, `the tag ${octet(tag)} is in the wrong form, primitive or constructed`)
      : fault('TagForbidden', at, `the tag ${octet(tag)} is not allowed in a request`)
  }
  if (first < 0x80) return within({ tag, at, content: at + 2, end: at + 2 + first }, end)
  if (first === 0x80) return fault('LengthIndefinite', at + 1, 'an indefinite length')
  return readLongHeader(der, { tag, at, octets: first & 0x7f }, end)
}

/** Reads a length in the long form: no leading zero, and no value that the short form could express. */
function readLongHeader(
  der: Uint8Array,
  { tag, at, octets }: { tag: number; at: number; octets: number },
  end: number,
): Header | Fault {
  const content = at + 2 + octets
  if (content > end) return fault('Truncated', at + 1, 'the length octets extend past the end')
  if (der[at + 2] === 0) return fault('LengthNotMinimal', at + 1, 'a length with leading zeros')
  // A minimal length of four or more octets is at least 2^24, which is past the end of any request.
  if (octets > 3) return fault('LengthOverrun', at + 1, `a length of ${octets} octets`)
  let length = 0
  for (let index = at + 2; index < content; index += 1) length = length * 256 + (der[index] ?? 0)
  if (length < 0x80) return fault('LengthNotMinimal', at + 1, 'a short length in the long form')
  return within({ tag, at, content, end: content + length }, end)
}

const within = (header: Header, end: number): Header | Fault =>
  header.end <= end
    ? header
    : fault(
        'LengthOverrun',
        header.at + 1,
        `an element of ${header.end - header.at} octets where ${end - header.at} are left`,
      )
