import asn1, { type Asn1 } from 'node-forge/lib/asn1.js'
import { contextNumber, GENERALIZED_TIME, isConstructed, TAG, UTC_TIME } from './tags.ts'

/** A DER element to write. Certificates are built from these. */
export type Written = Asn1

const UNIVERSAL = 0x00
const CONTEXT = 0x80
const NUMBER_BITS = 0x1f

function element(tag: number, value: string | readonly Written[]): Written {
  const tagClass = contextNumber(tag) === null ? UNIVERSAL : CONTEXT
  return asn1.create(tagClass, tag & NUMBER_BITS, isConstructed(tag), value)
}

const binary = (octets: Uint8Array): string => Buffer.from(octets).toString('latin1')

export const sequence = (...children: readonly Written[]): Written => element(TAG.sequence, children)
export const set = (...children: readonly Written[]): Written => element(TAG.set, children)
export const boolean = (value: boolean): Written => element(TAG.boolean, value ? '\xff' : '\x00')
export const octetString = (octets: Uint8Array): Written => element(TAG.octetString, binary(octets))
export const utf8String = (text: string): Written => element(TAG.utf8String, binary(Buffer.from(text)))

/** A positive INTEGER from its big-endian magnitude. */
export function integer(magnitude: Uint8Array): Written {
  const start = magnitude.findIndex((octet) => octet !== 0)
  const octets = start < 0 ? Uint8Array.of(0) : magnitude.subarray(start)
  const padding = (octets[0] ?? 0) >= 0x80 ? '\x00' : ''
  return element(TAG.integer, padding + binary(octets))
}

/** A BIT STRING whose last `unused` bits are not part of it. */
export function bitString(octets: Uint8Array, unused = 0): Written {
  return element(TAG.bitString, String.fromCharCode(unused) + binary(octets))
}

/** An OBJECT IDENTIFIER from its dotted text, X.690 §8.19. */
export function oid(text: string): Written {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  return element(TAG.oid, binary(Uint8Array.from([40 * first + second, ...rest].flatMap(base128))))
}

function base128(arc: number): readonly number[] {
  const octets = [arc & 0x7f]
  for (let more = Math.floor(arc / 128); more > 0; more = Math.floor(more / 128))
    octets.unshift(0x80 | (more & 0x7f))
  return octets
}

/** UTCTime until 2049, GeneralizedTime from 2050 on: RFC 5280 §4.1.2.5. Whole seconds. */
export function time(at: Date): Written {
  const digits = at.toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return at.getUTCFullYear() < 2050 ? element(UTC_TIME, digits.slice(2)) : element(GENERALIZED_TIME, digits)
}

/** An explicit `[number]` tag around other elements. */
export const explicit = (number: number, ...children: readonly Written[]): Written =>
  element(CONTEXT | 0x20 | number, children)

/** An implicit `[number]` tag in place of the tag of a primitive type. */
export const implicit = (number: number, octets: Uint8Array): Written =>
  element(CONTEXT | number, binary(octets))

/** An element from DER that this process or OpenSSL wrote, unchanged. */
export function rewritten(der: Uint8Array): Written {
  return asn1.fromDer(binary(der), {
    strict: true,
    parseAllBytes: true,
    decodeBitStrings: false,
    maxDepth: 16,
  })
}

export function toDer(written: Written): Buffer {
  return Buffer.from(asn1.toDer(written).getBytes(), 'latin1')
}
