/** Writes DER, and on request what only looks like it: every tag and every length octet can be overridden. */

export type Bytes = Uint8Array

export const bytes = (...octets: number[]): Bytes => new Uint8Array(octets)
export const hex = (digits: string): Bytes => new Uint8Array(Buffer.from(digits.replaceAll(/\s/g, ''), 'hex'))
export const ascii = (text: string): Bytes => new Uint8Array(Buffer.from(text, 'latin1'))

export function join(parts: readonly Bytes[]): Bytes {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** Identifier octets, X.690 §8.1.2; the ones below are what PKCS#10 is made of. */
export const tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8: 0x0c,
  numeric: 0x12,
  printable: 0x13,
  teletex: 0x14,
  ia5: 0x16,
  visible: 0x1a,
  universal: 0x1c,
  bmp: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

/** The shortest definite form, X.690 §10.1. */
export function lengthOctets(length: number): Bytes {
  if (length < 0x80) return bytes(length)
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return bytes(0x80 | octets.length, ...octets)
}

/** The same length in more octets than needed: BER, never DER. */
export function paddedLength(length: number, octets: number): Bytes {
  const padded = Array.from(
    { length: octets },
    (_, index) => Math.floor(length / 256 ** (octets - 1 - index)) % 256,
  )
  return bytes(0x80 | octets, ...padded)
}

/**
 * One element. `content` may be several encodings to be joined.
 * @param identifier one octet, or all octets of a high-tag-number form
 * @param length overrides the length octets, right or wrong
 */
export function tlv(identifier: number | Bytes, content: Bytes | readonly Bytes[], length?: Bytes): Bytes {
  const body = content instanceof Uint8Array ? content : join(content)
  const head = typeof identifier === 'number' ? bytes(identifier) : identifier
  return join([head, length ?? lengthOctets(body.length), body])
}

export const sequence = (...parts: Bytes[]): Bytes => tlv(tag.sequence, parts)
/** In the order given: sort yourself, or leave unsorted to be hostile. */
export const set = (...parts: Bytes[]): Bytes => tlv(tag.set, parts)
export const explicit = (number: number, ...parts: Bytes[]): Bytes => tlv(0xa0 | number, parts)
export const implicit = (number: number, content: Bytes): Bytes => tlv(0x80 | number, content)
export const octetString = (content: Bytes): Bytes => tlv(tag.octetString, content)
export const bitString = (content: Bytes, unused = 0): Bytes => tlv(tag.bitString, [bytes(unused), content])
export const boolean = (octet: number): Bytes => tlv(tag.boolean, bytes(octet))
export const nothing = (): Bytes => tlv(tag.null, bytes())
export const integer = (octets: Bytes): Bytes => tlv(tag.integer, octets)
export const utf8 = (text: string): Bytes => tlv(tag.utf8, new Uint8Array(Buffer.from(text, 'utf8')))

/** OBJECT IDENTIFIER from dotted text, X.690 §8.19. */
export function oid(dotted: string): Bytes {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tlv(tag.oid, [first * 40 + second, ...rest].map(base128))
}

function base128(value: number): Bytes {
  const octets = [value % 128]
  for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128))
    octets.unshift(0x80 | (left % 128))
  return bytes(...octets)
}
