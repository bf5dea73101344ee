import type { Fault } from '../../policies/types.ts'
import { fault } from './faults.ts'

/**
 * The identifier octets (X.690 §8.1.2) that may occur in a request, with their X.680 names.
 * All others are refused: PKCS#10 does not need them, and parsers differ on them.
 */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

const universal: Readonly<Record<number, string>> = {
  [TAG.boolean]: 'BOOLEAN',
  [TAG.integer]: 'INTEGER',
  [TAG.bitString]: 'BIT STRING',
  [TAG.octetString]: 'OCTET STRING',
  [TAG.null]: 'NULL',
  [TAG.oid]: 'OBJECT IDENTIFIER',
  [TAG.utf8String]: 'UTF8String',
  [TAG.numericString]: 'NumericString',
  [TAG.printableString]: 'PrintableString',
  [TAG.teletexString]: 'TeletexString',
  [TAG.ia5String]: 'IA5String',
  [TAG.visibleString]: 'VisibleString',
  [TAG.universalString]: 'UniversalString',
  [TAG.bmpString]: 'BMPString',
  [TAG.sequence]: 'SEQUENCE',
  [TAG.set]: 'SET',
}

const CONSTRUCTED = 0x20
const CONTEXT = 0x80
/** The highest context tag in a request is that of a GeneralName, RFC 5280 §4.2.1.6. */
const CONTEXT_MAX = 8

export const isConstructed = (tag: number): boolean => (tag & CONSTRUCTED) !== 0

/** The number of a context tag, primitive or constructed. Null for a universal tag. */
export const contextNumber = (tag: number): number | null => ((tag & 0xc0) === CONTEXT ? tag & 0x1f : null)

const isAllowed = (tag: number): boolean => {
  const number = contextNumber(tag)
  return number === null ? tag in universal : number <= CONTEXT_MAX
}

export function checkTag(tag: number, at: number): Fault | undefined {
  if (isAllowed(tag)) return undefined
  const octet = `0x${tag.toString(16).padStart(2, '0')}`
  return isAllowed(tag ^ CONSTRUCTED)
    ? fault('FormWrong', at, `the tag ${octet} is in the wrong form, primitive or constructed`)
    : fault('TagForbidden', at, `the tag ${octet} is not allowed in a request`)
}

/** The times of a certificate, RFC 5280 §4.1.2.5. A request has none. */
export const UTC_TIME = 0x17
export const GENERALIZED_TIME = 0x18

/** Such as `SEQUENCE` or `[2]`. */
export const tagName = (tag: number): string => universal[tag] ?? `[${tag & 0x1f}]`
