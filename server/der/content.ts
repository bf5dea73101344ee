import type { Fault } from '../../policies/types.ts'
import { type FaultCode, fault } from './faults.ts'
import { TAG, tagName } from './tags.ts'

type Rule = readonly [code: FaultCode, problem: (content: Uint8Array) => string | undefined]

const every = (content: Uint8Array, accept: (octet: number) => boolean): string | undefined =>
  content.every(accept) ? undefined : 'has a character that its type does not allow'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function utf8Problem(content: Uint8Array): string | undefined {
  try {
    utf8.decode(content)
    return undefined
  } catch {
    return 'is not UTF-8'
  }
}

/** X.680 §41.4, table 10. Go also accepts `*` and `&`; this reader does not. */
const PRINTABLE = new Set(
  Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?"),
)
const NUMERIC = new Set(Buffer.from('0123456789 '))

/** Rules for canonical content by identifier octet: X.690 §8, §10, §11. Types without a rule may contain any octets. */
const rules: Readonly<Record<number, Rule>> = {
  [TAG.boolean]: ['BooleanNotCanonical', booleanProblem],
  // One octet too many shows when the INTEGER is encoded again.
  [TAG.integer]: ['IntegerEmpty', (content) => (content.length > 0 ? undefined : 'has no octet')],
  [TAG.bitString]: ['BitStringMalformed', bitStringProblem],
  [TAG.null]: ['NullNotEmpty', (content) => (content.length === 0 ? undefined : 'has content')],
  [TAG.oid]: [
    'OidMalformed',
    (content) =>
      forEachSubidentifier(content, ignore) ? undefined : 'is empty, padded, truncated or too large',
  ],
  [TAG.utf8String]: ['StringMalformed', utf8Problem],
  [TAG.numericString]: ['StringMalformed', (content) => every(content, (octet) => NUMERIC.has(octet))],
  [TAG.printableString]: ['StringMalformed', (content) => every(content, (octet) => PRINTABLE.has(octet))],
  [TAG.ia5String]: ['StringMalformed', (content) => every(content, (octet) => octet < 0x80)],
  [TAG.visibleString]: [
    'StringMalformed',
    (content) => every(content, (octet) => octet >= 0x20 && octet < 0x7f),
  ],
  [TAG.universalString]: [
    'StringMalformed',
    (content) => (content.length % 4 === 0 ? undefined : 'is truncated'),
  ],
}

/** @param at offset of the element, for the fault */
export function checkContent(tag: number, content: Uint8Array, at: number): Fault | undefined {
  const rule = rules[tag]
  if (rule === undefined) return undefined
  const [code, problemOf] = rule
  const problem = problemOf(content)
  return problem === undefined ? undefined : fault(code, at, `the ${tagName(tag)} ${problem}`)
}

/** X.690 §11.1. */
function booleanProblem(content: Uint8Array): string | undefined {
  const [octet] = content
  return content.length === 1 && (octet === 0x00 || octet === 0xff) ? undefined : 'is neither 00 nor FF'
}

/** X.690 §11.2.1. */
function bitStringProblem(content: Uint8Array): string | undefined {
  const [unused] = content
  if (unused === undefined) return 'is empty'
  if (unused > 7 || (content.length === 1 && unused > 0)) return `has ${unused} unused bits`
  const last = content.at(-1) ?? 0
  return content.length > 1 && (last & ((1 << unused) - 1)) !== 0 ? 'has unused bits that are set' : undefined
}

/** Go's asn1 stores an arc in an int32 and refuses larger arcs. So do we: truncating an arc was CVE-2025-66030. */
const MAX_ARC = 2 ** 31 - 1
/** Octets of content: 12 arcs of 5 octets, more than any known identifier. Messages show the identifier in full. */
const MAX_OCTETS = 64

/**
 * Reads the content of an OBJECT IDENTIFIER as dotted text, X.690 §8.19.
 * @returns null if it is empty, padded, truncated, longer than 64 octets, or has an arc of 2^31 or more
 */
export function readOid(content: Uint8Array): string | null {
  let text = ''
  const isValid = forEachSubidentifier(content, (arc) => {
    // The first subidentifier holds two arcs: 40 times the first (0, 1 or 2) plus the second.
    const root = Math.min(Math.floor(arc / 40), 2)
    text = text === '' ? `${root}.${arc - 40 * root}` : `${text}.${arc}`
  })
  return isValid ? text : null
}

/** Calls `found` with each subidentifier, and returns whether the content is valid. Allocates nothing: each request has dozens. */
function forEachSubidentifier(content: Uint8Array, found: (arc: number) => void): boolean {
  if (content.length > MAX_OCTETS) return false
  let arc = 0
  let begins = true
  // By index: an iterator would allocate for each octet.
  for (let at = 0; at < content.length; at += 1) {
    const octet = content[at] ?? 0
    if (begins && octet === 0x80) return false
    arc = arc * 128 + (octet & 0x7f)
    if (arc > MAX_ARC) return false
    begins = octet < 0x80
    if (!begins) continue
    found(arc)
    arc = 0
  }
  return content.length > 0 && begins
}

const ignore = (): void => undefined

/** The dotted text of an OBJECT IDENTIFIER whose content was checked before. */
export function dotted({ content, at }: { readonly content: Uint8Array; readonly at: number }): string {
  const oid = readOid(content)
  if (oid === null) throw new Error(`the element at ${at} is not an OBJECT IDENTIFIER`)
  return oid
}
