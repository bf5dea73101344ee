import type { Address, Family, Prefix } from './types.ts'

/**
 * Addresses and prefixes on bytes. Text is read by the rules of Go's net.ParseCIDR and netip, not by a lenient
 * parser: `010.0.0.1`, `10.1` and `0x0a000001` are addresses to some libraries and different ones to others.
 */

/** Longer than any address with the few leading zeros a person may write; such text is read by everyone who can write a Node. */
const TEXT_MAX = 128

/** ::ffff:0:0/96, RFC 4291 §2.5.5.2. */
const MAPPED = '00000000000000000000ffff'

/** IPv4 dotted decimal without leading zeros, or IPv6 of RFC 4291 §2.2; no zone. Undefined for anything else. */
export function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseIPv6(text, false) : parseIPv4(text, false)
}

/**
 * An address as a Node reports it, read as the kubelet reads it for its request: k8s.io/utils/net.ParseIPSloppy
 * takes leading zeros as decimal, and Go folds an IPv4-mapped IPv6 address into IPv4.
 */
export function parseReportedAddress(text: string): Address | undefined {
  const address = text.includes(':') ? parseIPv6(text, true) : parseIPv4(text, true)
  return address === undefined ? undefined : unmapped(address)
}

/** An IPv4-mapped IPv6 address as the IPv4 address it stands for; any other as it is. */
export function unmapped(address: Address): Address {
  return isMapped(address) ? address.slice(MAPPED.length) : address
}

export function isMapped(address: Address): boolean {
  return address.length === 32 && address.startsWith(MAPPED)
}

/** Where IPv6 addresses of one form carry an IPv4 address; offsets in hex digits. */
const embeddings: readonly { readonly starts: RegExp; readonly at: number; readonly inverted?: true }[] = [
  // IPv4-compatible, RFC 4291 §2.5.5.1
  { starts: /^0{24}/u, at: 24 },
  // IPv4-mapped, RFC 4291 §2.5.5.2
  { starts: /^0{20}ffff/u, at: 24 },
  // IPv4-translated, RFC 2765 §2.1
  { starts: /^0{16}ffff0000/u, at: 24 },
  // NAT64: the well-known prefix, RFC 6052, and the local one, RFC 8215, whose /96 networks end likewise
  { starts: /^0064ff9b0{16}/u, at: 24 },
  { starts: /^0064ff9b0001/u, at: 24 },
  // 6to4, RFC 3056
  { starts: /^2002/u, at: 4 },
  // ISATAP, RFC 5214 §6.1
  { starts: /^.{16}0[02]005efe/u, at: 24 },
  // Teredo, RFC 4380 §4: the server, and the client with every bit inverted
  { starts: /^20010000/u, at: 8 },
  { starts: /^20010000/u, at: 24, inverted: true },
]

/** The IPv4 addresses that an IPv6 address embeds by its form; none for IPv4. */
export function embeddedIPv4(address: Address): readonly Address[] {
  if (address.length !== 32) return []
  return embeddings.flatMap(({ starts, at, inverted }) => {
    if (!starts.test(address)) return []
    const embedded = address.slice(at, at + 8)
    return [inverted === true ? hex(~Number.parseInt(embedded, 16) >>> 0, 8) : embedded]
  })
}

/** By its octets, so an IPv4-mapped address is of IPv6. */
export function familyOf(address: Address): Family {
  return address.length === 8 ? 'IPv4' : 'IPv6'
}

export function isAddress(value: string): boolean {
  return /^(?:[0-9a-f]{8}|[0-9a-f]{32})$/u.test(value)
}

/** `10.0.0.0/8` or a lone address. Refuses host bits, leading zeros, missing parts. Undefined when it is not one. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/')
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash))
  if (address === undefined) return undefined
  const width = address.length * 4
  const bits = slash < 0 ? width : parseBits(text.slice(slash + 1), width)
  if (bits === undefined) return undefined
  const prefix = { address, bits }
  return firstAddress(prefix) === address ? prefix : undefined
}

/** Families never mix: an IPv4 prefix contains no IPv6 address, mapped or not. */
export function contains(prefix: Prefix, address: Address): boolean {
  if (prefix.address.length !== address.length) return false
  const digits = prefix.bits >> 2
  if (prefix.address.slice(0, digits) !== address.slice(0, digits)) return false
  const rest = prefix.bits & 3
  if (rest === 0) return true
  const shift = 4 - rest
  return nibble(prefix.address, digits) >> shift === nibble(address, digits) >> shift
}

/** Dotted decimal, or IPv6 as RFC 5952 writes it, with a mapped address in its mixed notation. */
export function formatAddress(address: Address): string {
  if (address.length === 8) return octets(address).join('.')
  if (address.length !== 32) return `0x${address}`
  if (isMapped(address)) return `::ffff:${octets(address.slice(MAPPED.length)).join('.')}`
  const groups = (address.match(/.{4}/gu) ?? []).map((group) => Number.parseInt(group, 16).toString(16))
  const zeros = longestZeros(groups)
  if (zeros.length < 2) return groups.join(':')
  return `${groups.slice(0, zeros.start).join(':')}::${groups.slice(zeros.start + zeros.length).join(':')}`
}

export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix.address)}/${prefix.bits}`
}

function parseIPv4(text: string, leadingZeros: boolean): Address | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  const octet = leadingZeros ? /^0*\d{1,3}$/u : /^(?:0|[1-9]\d{0,2})$/u
  if (!parts.every((part) => part.length <= 16 && octet.test(part) && Number(part) <= 255)) return undefined
  return parts.map((part) => hex(Number(part), 2)).join('')
}

function parseIPv6(text: string, leadingZeros: boolean): Address | undefined {
  if (text.length > TEXT_MAX) return undefined
  const [left = '', right, third] = text.split('::')
  if (third !== undefined) return undefined
  const head = parseGroups(left, { last: right === undefined, leadingZeros })
  const tail = parseGroups(right ?? '', { last: true, leadingZeros })
  if (head === undefined || tail === undefined) return undefined
  const missing = 32 - head.length - tail.length
  // "::" stands for at least one group of zeros; without it a missing usage is refused.
  const fits = right === undefined ? missing === 0 : missing >= 4
  return fits ? head + '0'.repeat(missing) + tail : undefined
}

/** Colon-separated groups of up to four hex digits as hex; dotted decimal may stand last when `last`. */
function parseGroups(text: string, { last, leadingZeros }: Groups): string | undefined {
  if (text === '') return ''
  const groups = text.split(':')
  const digits = leadingZeros ? /^0*[0-9a-f]{1,4}$/iu : /^[0-9a-f]{1,4}$/iu
  const parsed = groups.map((group, index) => {
    if (digits.test(group)) return group.toLowerCase().slice(-4).padStart(4, '0')
    return last && index === groups.length - 1 ? parseIPv4(group, leadingZeros) : undefined
  })
  return parsed.includes(undefined) ? undefined : parsed.join('')
}

interface Groups {
  /** Whether these groups end the address. */
  readonly last: boolean
  readonly leadingZeros: boolean
}

function parseBits(text: string, width: number): number | undefined {
  if (!/^(?:0|[1-9]\d{0,2})$/u.test(text)) return undefined
  const bits = Number(text)
  return bits <= width ? bits : undefined
}

function firstAddress({ address, bits }: Prefix): Address {
  const digits = bits >> 2
  const kept = address.slice(0, digits)
  if (digits === address.length) return kept
  const shift = 4 - (bits & 3)
  const edge = ((nibble(address, digits) >> shift) << shift).toString(16)
  return (kept + edge).padEnd(address.length, '0')
}

function nibble(address: Address, index: number): number {
  return Number.parseInt(address.charAt(index), 16)
}

function octets(address: Address): number[] {
  return (address.match(/.{2}/gu) ?? []).map((octet) => Number.parseInt(octet, 16))
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}

/** The first longest run of zero groups, RFC 5952 §4.2.3. */
function longestZeros(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let run = { start: 0, length: 0 }
  groups.forEach((group, index) => {
    run =
      group === '0'
        ? { start: run.length === 0 ? index : run.start, length: run.length + 1 }
        : { start: 0, length: 0 }
    if (run.length > best.length) best = run
  })
  return best
}
