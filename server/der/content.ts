import type { Fault } from '../../policies/types.ts'
import { type FaultCode, fault } from './faults.ts'
import { readOid } from './oid.ts'
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
  [TAG.integer]: ['IntegerNotMinimal', integerProblem],
  [TAG.bitString]: ['BitStringMalformed', bitStringProblem],
  [TAG.null]: ['NullNotEmpty', (content) => (content.length === 0 ? undefined : 'has content')],
  [TAG.oid]: [
    'OidMalformed',
    (content) => (readOid(content) === null ? 'is empty, padded, truncated or too large' : undefined),
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

/** X.690 §8.3.2: the first nine bits are not all equal. */
function integerProblem(content: Uint8Array): string | undefined {
  const [first, second] = content
  if (first === undefined) return 'is empty'
  if (second === undefined) return undefined
  const padded = (first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80)
  return padded ? 'is padded' : undefined
}

/** X.690 §11.2.1. */
function bitStringProblem(content: Uint8Array): string | undefined {
  const [unused] = content
  if (unused === undefined) return 'is empty'
  if (unused > 7 || (content.length === 1 && unused > 0)) return `has ${unused} unused bits`
  const last = content.at(-1) ?? 0
  return content.length > 1 && (last & ((1 << unused) - 1)) !== 0 ? 'has unused bits that are set' : undefined
}
